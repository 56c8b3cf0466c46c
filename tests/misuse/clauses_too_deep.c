/* Clauses nested in clauses, eight deep.
 *
 * expect gcc clang g++ clang++: error: clauses_are_nested_too_deep
 */
#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    gen_try {
        gen_yield(0);
    }
    gen_except_any {
        gen_try {
            gen_yield(1);
        }
        gen_except_any {
            gen_try {
                gen_yield(2);
            }
            gen_except_any {
                gen_try {
                    gen_yield(3);
                }
                gen_except_any {
                    gen_try {
                        gen_yield(4);
                    }
                    gen_except_any {
                        gen_try {
                            gen_yield(5);
                        }
                        gen_except_any {
                            gen_try {
                                gen_yield(6);
                            }
                            gen_except_any {
                                gen_try {
                                    gen_yield(7);
                                }
                                gen_except_any {
                                    self->n++;
                                }
                                gen_end_try
                            }
                            gen_end_try
                        }
                        gen_end_try
                    }
                    gen_end_try
                }
                gen_end_try
            }
            gen_end_try
        }
        gen_end_try
    }
    gen_end_try
    gen_end();
}
