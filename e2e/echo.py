"""The least that a server can do: every request on every connection is answered the same, what SandboxFusion says of print(1). Says its port first.

What a client reaches against it is the client's own ceiling."""
import asyncio
import json

BODY = json.dumps({
    "status": "Success", "message": "", "compile_result": None, "executor_pod_name": None, "files": {},
    "run_result": {"status": "Finished", "execution_time": 0.001, "return_code": 0, "stdout": "1\n", "stderr": ""},
}).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.seen = transport, b""

    def data_received(self, data):
        self.seen += data
        while (end := self.seen.find(b"\r\n\r\n")) >= 0:
            head = self.seen[:end].lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in head else 0
            if len(self.seen) < end + 4 + length:
                return
            self.seen = self.seen[end + 4 + length:]
            self.transport.write(ANSWER)


async def main():
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
