package com.example.service.server;

import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * SIGTERM and SIGINT. The JVM's own way to react to them is to run shutdown hooks and exit with 143, so that an orderly
 * end cannot be told from a crash; and a second signal could not hurry it.
 */
// There is no other interface to signals. jdk.unsupported, which has it, is in every JDK.
public final class StopSignal {
    private static final List<String> NAMES = List.of("TERM", "INT");

    private final CountDownLatch arrived = new CountDownLatch(1);

    private StopSignal() {}

    public static StopSignal install() {
        var stop = new StopSignal();
        NAMES.forEach(name -> sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> stop.take()));
        return stop;
    }

    private void take() {
        // The default action is back: a second signal ends the process at once.
        NAMES.forEach(name -> sun.misc.Signal.handle(new sun.misc.Signal(name), sun.misc.SignalHandler.SIG_DFL));
        arrived.countDown();
    }

    public void await() throws InterruptedException {
        arrived.await();
    }
}
