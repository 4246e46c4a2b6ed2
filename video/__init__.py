"""The selective forwarding unit behind panggilanvideo: rooms, media packets, and their recording.

May import acd and core. Start reading at forward.py: decrypted packets in, packets to send out; edge.py is the
socket around it, worker.py the process, service.py what the control process sees of it.
"""
