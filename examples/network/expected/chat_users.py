"""chat_users.py PORT PID - users of a chat server, and what each of them is told."""
import os
import signal
import socket
import struct
import sys

port, server = int(sys.argv[1]), int(sys.argv[2])


class User:
    def __init__(self, name, buffer=None):
        self.name = name
        self.socket = socket.socket()
        self.socket.settimeout(20)
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.connect(('127.0.0.1', port))
        self.file = self.socket.makefile('rb')

    def send(self, line):
        print(f'{self.name} > {line if len(line) < 100 else f"{len(line)} bytes"}')
        self.socket.sendall(line.encode() + b'\n')

    def receive(self):
        line = self.file.readline().decode().rstrip('\n')
        print(f'{self.name} < {line if len(line) < 100 else f"{len(line)} bytes"}')
        return line

    def ask(self, line):
        self.send(line)
        return self.receive()

    def close(self):
        self.file.close()
        self.socket.close()


print('-- four users')
users = []
for name in 'alice', 'bob', 'carol', 'dave':
    user = User(name)
    user.ask(f'register,{name}')
    for other in users:
        other.receive()
    users.append(user)
alice, bob, carol, dave = users
dave.ask('list,friends')
alice.ask('chat,bob')
bob.receive()
bob.ask('chat,bob')
bob.receive()

print('-- what is not right')
eve = User('eve')
eve.ask('chat,bob')
eve.ask('register')
eve.ask('register,a name')
eve.ask('register,anamethatistoolong')
eve.ask('register,alice')
eve.ask('register,eve\r')
for user in users:
    user.receive()
eve.ask('register,adam')
eve.ask('chat,')
eve.ask('chat,nobody')
eve.ask('nonsense')
eve.ask('list')
eve.ask('x' * 255)
eve.ask('x' * 256)
eve.ask('x' * 1000)
eve.ask('list,friends')

print('-- who goes, with a goodbye and without')
eve.close()
for user in users:
    user.receive()
dave.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
dave.close()
users.remove(dave)
for user in users:
    user.receive()

print('-- who does not read')
frank = User('frank', buffer=4096)
frank.ask('register,frank')
for user in users:
    user.receive()
answer = b'sent,frank\n'
while answer == b'sent,frank\n':
    alice.socket.sendall(b'chat,frank\n')
    answer = alice.file.readline()
print('alice <', answer.decode().rstrip('\n'))
for user in users:
    user.receive()
frank.close()

print('-- the end')
mute = User('mute')
mute.ask('list,friends')
users.append(mute)
os.kill(server, signal.SIGTERM)
for user in users:
    user.receive()
alice.close()
bob.receive()
bob.close()
carol.receive()
carol.receive()
carol.close()
mute.receive()  # it does not go, and is cut off
