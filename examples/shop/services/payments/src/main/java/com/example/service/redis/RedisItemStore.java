package com.example.service.redis;

import com.example.service.config.RedisAddress;
import com.example.service.items.Item;
import com.example.service.items.ItemNotFoundException;
import com.example.service.items.ItemStore;
import com.example.service.items.Page;
import java.util.List;
import java.util.Objects;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.params.SetParams;

/**
 * Keeps items in Redis.
 *
 * <p>Each item is a JSON string under its own key. A sorted set holds all ids with equal scores, so that it is ordered
 * by id, which is the order of creation; a page of the list is a range of it.
 */
public final class RedisItemStore implements ItemStore, AutoCloseable {
    private static final String ITEM_PREFIX = "payments:item:";
    private static final String INDEX_KEY = "payments:items";

    private final RedisConnections redis;

    /** Does not connect yet: the service starts, and says that it is not ready, while Redis is away. */
    public RedisItemStore(RedisAddress address) {
        redis = new RedisConnections(address);
    }

    @Override
    public void ping() {
        redis.call(jedis -> jedis.ping());
    }

    @Override
    public void create(Item item) {
        redis.call(jedis -> {
            try (Transaction transaction = jedis.multi()) {
                transaction.set(ITEM_PREFIX + item.id(), ItemJson.encode(item));
                transaction.zadd(INDEX_KEY, 0, item.id());
                return transaction.exec();
            }
        });
    }

    @Override
    public Item get(String id) {
        String value = redis.call(jedis -> jedis.get(ITEM_PREFIX + id));
        if (value == null) {
            throw new ItemNotFoundException();
        }
        return ItemJson.decode(value);
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

    /** Leaves out items that were deleted since their ids were read. */
    private List<Item> fetch(List<String> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        String[] keys = ids.stream().map(id -> ITEM_PREFIX + id).toArray(String[]::new);
        List<String> values = redis.call(jedis -> jedis.mget(keys));
        return values.stream().filter(Objects::nonNull).map(ItemJson::decode).toList();
    }

    /**
     * SET XX overwrites an item only if it is there, in one step: an item that is deleted at the same time does not come
     * back.
     */
    @Override
    public void replace(Item item) {
        String done =
                redis.call(jedis -> jedis.set(ITEM_PREFIX + item.id(), ItemJson.encode(item), new SetParams().xx()));
        if (done == null) {
            throw new ItemNotFoundException();
        }
    }

    @Override
    public void delete(String id) {
        long removed = redis.call(jedis -> {
            try (Transaction transaction = jedis.multi()) {
                Response<Long> count = transaction.del(ITEM_PREFIX + id);
                transaction.zrem(INDEX_KEY, id);
                transaction.exec();
                return count.get();
            }
        });
        if (removed == 0) {
            throw new ItemNotFoundException();
        }
    }

    @Override
    public void close() {
        redis.close();
    }
}
