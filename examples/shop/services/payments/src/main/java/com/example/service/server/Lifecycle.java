package com.example.service.server;

import com.example.service.config.Settings;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.apache.coyote.ProtocolHandler;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Knows whether the process is about to end, and ends the server without cutting a request. From the signal on:
 *
 * <ol>
 *   <li>Draining is true at once: readiness fails, and every answer carries "Connection: close".
 *   <li>For the drain delay new connections are still taken, so that a balancer can notice.
 *   <li>The listener closes. Without a drain delay that comes first. What the kernel has queued and nobody has accepted
 *       is reset then: with a delay, a balancer should have stopped connecting before it ends.
 *   <li>Open connections get a moment to send what is on its way. Stopping Tomcat, also by Spring's graceful shutdown,
 *       closes connections that look idle although a request is already in the socket's buffer.
 *   <li>Requests under way are waited for. What is idle then is closed with the server.
 * </ol>
 *
 * <p>All of it ends a little before the grace period does, because then a SIGKILL comes.
 */
@Component
public final class Lifecycle implements Draining {
    private static final Duration LINGER_TIME = Duration.ofMillis(150);
    private static final Duration SAFETY_MARGIN = Duration.ofMillis(200);
    private static final Duration POLLING_PERIOD = Duration.ofMillis(2);

    private final Duration gracePeriod;
    private final Duration drainDelay;
    private volatile boolean draining;

    @Autowired
    Lifecycle(Settings settings) {
        this(settings.gracePeriod(), settings.drainDelay());
    }

    Lifecycle(Duration gracePeriod, Duration drainDelay) {
        this.gracePeriod = gracePeriod;
        this.drainDelay = drainDelay;
    }

    @Override
    public boolean isDraining() {
        return draining;
    }

    /**
     * Waits until the server has nothing to do.
     *
     * @return false if requests were still running when the grace period ended
     */
    public boolean drain(ProtocolHandler server) throws InterruptedException {
        Duration margin =
                SAFETY_MARGIN.compareTo(gracePeriod.dividedBy(2)) < 0 ? SAFETY_MARGIN : gracePeriod.dividedBy(2);
        long end = System.nanoTime() + gracePeriod.minus(margin).toNanos();
        if (drainDelay.isZero()) {
            // Before clients are told to leave: one that comes back at once is refused, not cut.
            server.closeServerSocketGraceful();
        }
        draining = true;
        Thread.sleep(drainDelay.toMillis());
        server.closeServerSocketGraceful();
        server.awaitConnectionsClose(LINGER_TIME.toMillis());
        while (isBusy(server.getExecutor())) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(POLLING_PERIOD.toMillis());
        }
        return true;
    }

    /** A thread of Tomcat works on a request, or waits for its body; idle connections have none. */
    private static boolean isBusy(Executor executor) {
        return ((ThreadPoolExecutor) executor).getActiveCount() > 0;
    }
}
