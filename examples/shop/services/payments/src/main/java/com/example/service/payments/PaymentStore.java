package com.example.service.payments;

/**
 * Keeps payments, of each order one. Every replica of the service works on the same store. Each method throws {@link
 * StoreUnavailableException} when the store does not answer.
 */
public interface PaymentStore {
    /**
     * Keeps the payment if its order has none, in one step: of requests that come at the same time, one is first.
     *
     * @return the payment that the order has now: this one, or the one that was first
     */
    Payment createOnce(Payment payment);

    /** Throws {@link PaymentNotFoundException} for an unknown id. */
    Payment get(String id);

    /** At most limit payments that follow the cursor, a payment's id; null: from the start. */
    Page list(String cursor, int limit);

    /** Returns if the store answers. */
    void ping();
}
