# Tasks of an operating system that pass packets: small methods, attributes, a linked list of tasks.
IDLE, WORK, DEVICE = range(3)


class Packet:
    def __init__(self, link, to, kind):
        self.link, self.to, self.kind, self.datum, self.data = link, to, kind, 0, [0] * 4

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        p = queue
        while p.link is not None:
            p = p.link
        p.link = self
        return queue


class Task:
    def __init__(self, os, name, priority, queue):
        self.os, self.name, self.priority, self.queue = os, name, priority, queue
        self.held, self.waiting = False, queue is None
        os.tasks[name] = self
        os.order.append(self)

    def ready(self):
        return not self.held and (not self.waiting or self.queue is not None)

    def step(self):
        packet = None
        if self.waiting and self.queue is not None:
            packet, self.queue = self.queue, self.queue.link
        self.waiting = False
        self.os.steps += 1
        self.run(packet)

    def wait(self):
        self.waiting = True

    def send(self, packet):
        self.os.sent += 1
        to = self.os.tasks[packet.to]
        packet.to = self.name
        to.queue = packet.append_to(to.queue)


class Idle(Task):
    seed = 1

    def run(self, packet):
        self.os.left -= 1
        if self.os.left == 0:
            self.held = True
        elif self.seed & 1:
            self.seed = self.seed >> 1 ^ 0xD008
            self.os.tasks["a"].held = False
        else:
            self.seed >>= 1
            self.os.tasks["b"].held = False


class Worker(Task):
    to, count = "a", 0

    def run(self, packet):
        if packet is None:
            return self.wait()
        self.to = "b" if self.to == "a" else "a"
        packet.to, packet.datum = self.to, 0
        for i in range(4):
            self.count = self.count % 26 + 1
            packet.data[i] = 64 + self.count
        self.send(packet)
        self.wait()


class Device(Task):
    pending = None

    def run(self, packet):
        if packet is not None:
            self.os.seen += packet.data[0] * packet.kind
            self.pending, self.held = packet, True
        elif self.pending is None:
            self.wait()
        else:
            packet, self.pending = self.pending, None
            packet.to = "worker"
            self.send(packet)


class System:
    def __init__(self, rounds):
        self.tasks, self.order, self.steps, self.sent, self.seen, self.left = {}, [], 0, 0, 0, rounds
        Idle(self, "idle", 0, None).waiting = False
        Worker(self, "worker", 1000, Packet(Packet(None, "worker", WORK), "worker", WORK))
        Device(self, "a", 2000, Packet(Packet(None, "a", DEVICE), "a", DEVICE))
        Device(self, "b", 3000, Packet(Packet(None, "b", DEVICE), "b", DEVICE))
        self.order.sort(key=lambda t: -t.priority)

    def schedule(self):
        while self.left:
            for t in self.order:
                if t.ready():
                    t.step()
                    break


s = System(30_000)
s.schedule()
print(s.steps, s.sent, s.seen)
