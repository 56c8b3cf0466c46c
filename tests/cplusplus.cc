// What C++ has and C has not: bodies in a namespace, items with constructors, frames with members
// that have a destructor. Tasks come with tests/freestanding.c, which is linked to this.
#include <cstdlib>
#include <string>

#include "gen.h"

int freestanding_generators(void);
int freestanding_tasks(void);

namespace shop {

enum class colour { red, green };

gen_declare(colours, colour);
struct colours {
    struct gen gen;
};
gen_define(colours)
{
    gen_begin();
    gen_yield(colour::green);
    gen_yield(colour::red);
    gen_end();
}

// Yields greetings to whoever it is sent.
gen_declare(greeter, std::string, std::string);
struct greeter {
    struct gen gen;
    std::string word, result;
    struct gen_unwind unwind[1];
    int *left;
};
gen_define(greeter)
{
    gen_begin();
    gen_try_finally {
        while (gen_sent == nullptr || !gen_sent->empty())
            gen_yield(gen_sent ? self->word + ", " + *gen_sent : self->word);
        gen_return("bye");
    }
    gen_finally {
        ++*self->left;
    }
    gen_end_finally
    gen_end();
}

// Delegates to a member of another namespace's kin, and goes on with what it returned.
gen_declare(porter, std::string, std::string);
struct porter {
    struct gen gen;
    struct greeter greeter;
};
gen_define(porter)
{
    gen_begin();
    gen_yield_from(greeter, &self->greeter);
    gen_yield(self->greeter.result + "!");
    gen_end();
}

} // namespace shop

static void require(bool condition)
{
    if (!condition)
        std::exit(1);
}

int main()
{
    int left = 0, sum = 0;
    std::string text, all;

    gen_for (hue, shop::colours)
        sum = sum * 10 + (hue == shop::colour::green ? 2 : 1);
    require(sum == 21);

    struct shop::porter p = {};
    p.greeter.word = "a greeting that is too long to be kept within a string";
    p.greeter.left = &left;
    require(porter_next(&p, &text) && text == p.greeter.word);
    require(porter_send(&p, "world", &text) == GEN_YIELDED && text == p.greeter.word + ", world");
    require(porter_send(&p, "", &text) == GEN_YIELDED && text == "bye!" && left == 1);
    require(porter_step(&p, &text) == GEN_RETURNED);

    using namespace shop;
    gen_for (word, greeter, .word = std::string(100, 'x'), .left = &left) {
        all += word;
        break;
    }
    require(all == std::string(100, 'x') && left == 2);

    return freestanding_generators() + 2 * freestanding_tasks();
}
