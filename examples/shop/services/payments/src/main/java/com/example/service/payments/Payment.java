package com.example.service.payments;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One payment as clients see it and as it is stored. It never changes.
 *
 * @param order the id of the order that is paid
 * @param amount in cents
 */
public record Payment(String id, String order, int amount, State state) {
    // They are stated in openapi.yaml too.
    public static final int MAX_ORDER_LENGTH = 64;
    public static final int MAX_AMOUNT = 1_000_000;

    /** What became of it. */
    public enum State {
        @JsonProperty("captured")
        CAPTURED,
        @JsonProperty("declined")
        DECLINED
    }
}
