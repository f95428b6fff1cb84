#!/usr/bin/env python3
"""A point-to-point cable between two network namespaces on which every packet travels for a while.

  slow_cable.py CLIENT_NAMESPACE SERVER_NAMESPACE MILLISECONDS

The client is 10.77.0.2, the server 10.77.0.1; 10.88.0.9 is routed to the server, which drops it without a word.
Two TUN devices and this loop: the kernel's own delay (netem) is missing from many kernels. Ends with standard input.
"""
import fcntl, heapq, os, select, struct, subprocess, sys, time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000


def device(name, namespace, address, peer):
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    ip = lambda *words: subprocess.run(["ip", *words], check=True)
    ip("link", "set", name, "netns", namespace)
    ip("-n", namespace, "addr", "add", address, "peer", peer, "dev", name)
    ip("-n", namespace, "link", "set", "lo", "up")
    ip("-n", namespace, "link", "set", name, "up")
    return end


def main():
    client, server, delay = sys.argv[1], sys.argv[2], float(sys.argv[3]) / 1000
    names = [f"tgc{os.getpid()}", f"tgs{os.getpid()}"]
    ends = [device(names[0], client, "10.77.0.2", "10.77.0.1"), device(names[1], server, "10.77.0.1", "10.77.0.2")]
    subprocess.run(["ip", "-n", client, "route", "add", "10.88.0.9", "dev", names[0]], check=True)
    print("ready", flush=True)
    other, travelling, number = {ends[0]: ends[1], ends[1]: ends[0]}, [], 0
    while True:
        patience = max(0, travelling[0][0] - time.monotonic()) if travelling else None
        for readable in select.select([*ends, sys.stdin], [], [], patience)[0]:
            if readable is sys.stdin:
                return
            try:
                while packet := os.read(readable, 65536):
                    number += 1
                    heapq.heappush(travelling, (time.monotonic() + delay, number, other[readable], packet))
            except BlockingIOError:
                pass
        while travelling and travelling[0][0] <= time.monotonic():
            _, _, end, packet = heapq.heappop(travelling)
            os.write(end, packet)


try:
    main()
except (OSError, KeyboardInterrupt):
    pass  # the namespaces are gone, and the devices with them
