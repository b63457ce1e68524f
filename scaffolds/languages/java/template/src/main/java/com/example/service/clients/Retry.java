package com.example.service.clients;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * Makes attempts until one gives an answer worth having, or the limits are reached.
 *
 * <p>Only idempotent methods are tried again, and only after failures that pass: no connection, a connection that broke
 * before the answer, 502, 503, 504. A time-out is not one of them: a need that is slow gets slower when it is asked
 * twice.
 */
final class Retry {
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS");
    private static final Set<Integer> PASSING = Set.of(502, 503, 504);

    private final Limits limits;
    private final Sleeper sleeper;
    private final DoubleSupplier random;

    /** One attempt, which may take the time that remains. */
    @FunctionalInterface
    interface Attempt {
        Answer make(Duration remaining) throws IOException, InterruptedException;
    }

    /** What waits, replaced in tests. */
    @FunctionalInterface
    interface Sleeper {
        void sleep(Duration duration) throws InterruptedException;
    }

    Retry(Limits limits) {
        this(
                limits,
                duration -> Thread.sleep(duration.toMillis()),
                () -> ThreadLocalRandom.current().nextDouble());
    }

    Retry(Limits limits, Sleeper sleeper, DoubleSupplier random) {
        this.limits = limits;
        this.sleeper = sleeper;
        this.random = random;
    }

    Answer call(String method, Attempt attempt) throws IOException, InterruptedException {
        long end = System.nanoTime() + limits.totalTimeout().toNanos();
        int retries = IDEMPOTENT.contains(method) ? limits.retries() : 0;
        for (int made = 0; ; made++) {
            Duration pause;
            try {
                Answer answer = attempt.make(Duration.ofNanos(end - System.nanoTime()));
                if (made >= retries || !PASSING.contains(answer.status())) {
                    return answer;
                }
                Duration asked = retryAfter(answer.retryAfter(), Instant.now());
                pause = longer(backoff(made), asked);
                if (asked.compareTo(limits.maxRetryAfter()) > 0 || pause.toNanos() >= end - System.nanoTime()) {
                    return answer;
                }
            } catch (IOException e) {
                pause = backoff(made);
                if (made >= retries || !isBrokenConnection(e) || pause.toNanos() >= end - System.nanoTime()) {
                    throw e;
                }
            }
            sleeper.sleep(pause);
        }
    }

    private static boolean isBrokenConnection(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketException || cause instanceof EOFException) {
                return true;
            }
        }
        return false;
    }

    /** "Full jitter", so that callers who failed together do not come back together. */
    private Duration backoff(int made) {
        long longest = Math.min(
                limits.backoffBase().toNanos() << made, limits.backoffMax().toNanos());
        return Duration.ofNanos((long) (random.getAsDouble() * longest));
    }

    /** Reads both forms of RFC 9110, section 10.2.3: seconds, and a date. */
    static Duration retryAfter(String value, Instant now) {
        if (value.matches("[0-9]{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            Instant date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return longer(Duration.between(now, date), Duration.ZERO);
        } catch (DateTimeParseException e) {
            return Duration.ZERO;
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
