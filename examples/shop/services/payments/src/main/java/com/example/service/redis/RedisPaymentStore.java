package com.example.service.redis;

import com.example.service.config.RedisAddress;
import com.example.service.payments.Page;
import com.example.service.payments.Payment;
import com.example.service.payments.PaymentNotFoundException;
import com.example.service.payments.PaymentStore;
import java.util.List;

/**
 * Keeps payments in Redis.
 *
 * <p>Each payment is a JSON string under its own key, and its id stands under a key of its order. A sorted set holds all
 * ids with equal scores, so that it is ordered by id, which is the order of creation; a page of the list is a range of
 * it.
 */
public final class RedisPaymentStore implements PaymentStore, AutoCloseable {
    private static final String PAYMENT_PREFIX = "payments:payment:";
    private static final String ORDER_PREFIX = "payments:order:";
    private static final String INDEX_KEY = "payments:payments";

    /**
     * A script, so that an order has its payment whole or not at all, also when the service ends amid it, and so that
     * two requests at the same time make one payment. It tells which payment the order has.
     */
    private static final String CREATE_ONCE = """
            local first = redis.call('GET', KEYS[1])
            if first then return first end
            redis.call('SET', KEYS[2], ARGV[2])
            redis.call('ZADD', KEYS[3], 0, ARGV[1])
            redis.call('SET', KEYS[1], ARGV[1])
            return ARGV[1]
            """;

    private final RedisConnections redis;

    /** Does not connect yet: the service starts, and says that it is not ready, while Redis is away. */
    public RedisPaymentStore(RedisAddress address) {
        redis = new RedisConnections(address);
    }

    @Override
    public void ping() {
        redis.call(jedis -> jedis.ping());
    }

    /** When the connection breaks, it is called again, and finds its own id if the first call was heard. */
    @Override
    public Payment createOnce(Payment payment) {
        List<String> keys = List.of(ORDER_PREFIX + payment.order(), PAYMENT_PREFIX + payment.id(), INDEX_KEY);
        List<String> values = List.of(payment.id(), PaymentJson.encode(payment));
        Object kept = redis.call(jedis -> jedis.eval(CREATE_ONCE, keys, values));
        return payment.id().equals(kept) ? payment : get((String) kept);
    }

    @Override
    public Payment get(String id) {
        String value = redis.call(jedis -> jedis.get(PAYMENT_PREFIX + id));
        if (value == null) {
            throw new PaymentNotFoundException();
        }
        return PaymentJson.decode(value);
    }

    @Override
    public Page list(String cursor, int limit) {
        String after = cursor == null ? "-" : "(" + cursor;
        // One more than asked for tells whether there is a next page.
        List<String> ids = redis.call(jedis -> jedis.zrangeByLex(INDEX_KEY, after, "+", 0, limit + 1));
        if (ids.size() <= limit) {
            return new Page(fetch(ids), null);
        }
        return new Page(fetch(ids.subList(0, limit)), ids.get(limit - 1));
    }

    private List<Payment> fetch(List<String> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        String[] keys = ids.stream().map(id -> PAYMENT_PREFIX + id).toArray(String[]::new);
        List<String> values = redis.call(jedis -> jedis.mget(keys));
        return values.stream().map(PaymentJson::decode).toList();
    }

    @Override
    public void close() {
        redis.close();
    }
}
