"""What the gateway's tests from outside are made of: a raw client, a scriptable raw upstream, and the gateway as a process."""
