package com.example.service.server;

/** Says whether the process is about to end: new requests should go to another replica. */
@FunctionalInterface
public interface Draining {
    boolean isDraining();
}
