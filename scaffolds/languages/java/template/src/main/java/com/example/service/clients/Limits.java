package com.example.service.clients;

import java.time.Duration;

/**
 * What one call may take.
 *
 * @param tryTimeout one attempt, from connecting to the end of the body
 * @param totalTimeout all attempts and the waits between them
 * @param retries attempts after the first
 * @param backoffBase the first wait is random, up to this; each further one up to double
 * @param backoffMax no wait is longer
 * @param maxBodyBytes of an answer
 * @param maxRetryAfter a need that asks for more is not asked again
 */
record Limits(
        Duration tryTimeout,
        Duration totalTimeout,
        int retries,
        Duration backoffBase,
        Duration backoffMax,
        int maxBodyBytes,
        Duration maxRetryAfter) {

    /** What a call gets unless a client sets others. */
    static Limits defaults() {
        return new Limits(
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                2,
                Duration.ofMillis(50),
                Duration.ofSeconds(1),
                1 << 20,
                Duration.ofSeconds(2));
    }
}
