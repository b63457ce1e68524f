package com.example.service.api;

import com.example.service.payments.Page;
import com.example.service.payments.Payment;
import com.example.service.payments.PaymentNotFoundException;
import com.example.service.payments.PaymentStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The store of these tests. A service keeps nothing in memory: its replicas share a store. */
final class MemoryStore implements PaymentStore {
    private final TreeMap<String, Payment> payments = new TreeMap<>();
    private final Map<String, Payment> byOrder = new HashMap<>();

    /** Thrown by every call, if set. */
    private RuntimeException failure;

    synchronized void reset() {
        payments.clear();
        byOrder.clear();
        failure = null;
    }

    synchronized void failWith(RuntimeException failure) {
        this.failure = failure;
    }

    @Override
    public synchronized void ping() {
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public synchronized Payment createOnce(Payment payment) {
        ping();
        Payment first = byOrder.putIfAbsent(payment.order(), payment);
        if (first != null) {
            return first;
        }
        payments.put(payment.id(), payment);
        return payment;
    }

    @Override
    public synchronized Payment get(String id) {
        ping();
        if (!payments.containsKey(id)) {
            throw new PaymentNotFoundException();
        }
        return payments.get(id);
    }

    @Override
    public synchronized Page list(String cursor, int limit) {
        ping();
        List<Payment> rest = List.copyOf(
                cursor == null
                        ? payments.values()
                        : payments.tailMap(cursor, false).values());
        if (rest.size() <= limit) {
            return new Page(rest, null);
        }
        List<Payment> page = rest.subList(0, limit);
        return new Page(page, page.get(limit - 1).id());
    }
}
