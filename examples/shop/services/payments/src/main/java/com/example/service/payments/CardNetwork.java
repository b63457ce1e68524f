package com.example.service.payments;

import com.example.service.payments.Payment.State;

/**
 * Stands in for the card network: it asks nobody, and declines what is too much.
 *
 * <p>It may be asked before it is known whether the order has a payment already, since no money moves. One that moves
 * money must be asked afterwards, with the payment's id, so that it, too, can tell a second request from a second
 * payment.
 */
public final class CardNetwork {
    /** In cents. It is stated in openapi.yaml too. */
    public static final int MAX_CAPTURED = 500_000;

    private CardNetwork() {}

    /** Says what becomes of a payment of so many cents. */
    public static State charge(int amount) {
        return amount > MAX_CAPTURED ? State.DECLINED : State.CAPTURED;
    }
}
