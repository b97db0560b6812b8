# SPDX-License-Identifier: Apache-2.0
"""Turns AWS v2 text into nfdump files, the only way nfdump offers: NetFlow version 5 datagrams
(Cisco's published record of 48 bytes) over loopback into nfcapd. IPv6 records and status records
have no place in version 5 and are left out; counters are cut to 32 bits. Prints the number of
flows sent."""
import os
import signal
import socket
import struct
import subprocess
import sys
import time

HEADER = struct.Struct("!HHIIIIBBH")
RECORD = struct.Struct("!4s4s4sHHIIIIHHBBBBHHBBH")
BOOT_BEFORE = 3600


def main():
    text, folder, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    os.makedirs(folder, exist_ok=True)
    daemon = subprocess.Popen(["nfcapd", "-b", "127.0.0.1", "-p", str(port), "-w", folder, "-t",
                               "86400", "-B", "32000000"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    time.sleep(1)
    try:
        sent = send(text, port)
        time.sleep(2)
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()
    print(sent)


def send(text, port):
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.connect(("127.0.0.1", port))
    aton, pack, none = socket.inet_aton, RECORD.pack, b"\0\0\0\0"
    batch, sequence, boot = [], 0, None
    with open(text, encoding="ascii") as lines:
        next(lines)
        for line in lines:
            f = line.split()
            if f[13] != "OK" or ":" in f[3]:
                continue
            if boot is None:
                boot = int(f[10]) - BOOT_BEFORE
            batch.append(pack(aton(f[3]), aton(f[4]), none, 0, 0, min(int(f[8]), 0xffffffff),
                              min(int(f[9]), 0xffffffff), (int(f[10]) - boot) * 1000,
                              (int(f[11]) - boot) * 1000, int(f[5]), int(f[6]), 0, 0, int(f[7]),
                              0, 0, 0, 0, 0, 0))
            if len(batch) == 30:
                flush(out, batch, sequence, boot)
                sequence += 30
                batch.clear()
                if sequence % 3000 == 0:
                    time.sleep(0.002)
    flush(out, batch, sequence, boot)
    return sequence + len(batch)


def flush(out, batch, sequence, boot):
    """The header's clock stands a day and an hour after the exporter's boot."""
    uptime = (BOOT_BEFORE + 86400) * 1000
    head = HEADER.pack(5, len(batch), uptime, boot + BOOT_BEFORE + 86400, 0, sequence, 0, 0, 0)
    if batch:
        out.send(head + b"".join(batch))


if __name__ == "__main__":
    main()
