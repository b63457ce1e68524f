package com.example.service.api;

import com.example.service.items.Item;
import com.example.service.items.ItemNotFoundException;
import com.example.service.items.ItemStore;
import com.example.service.items.Page;
import java.util.List;
import java.util.TreeMap;

/** The store of these tests. A service keeps nothing in memory: its replicas share a store. */
final class MemoryStore implements ItemStore {
    private final TreeMap<String, Item> items = new TreeMap<>();

    /** Thrown by every call, if set. */
    private RuntimeException failure;

    synchronized void reset() {
        items.clear();
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
    public synchronized void create(Item item) {
        ping();
        items.put(item.id(), item);
    }

    @Override
    public synchronized Item get(String id) {
        ping();
        if (!items.containsKey(id)) {
            throw new ItemNotFoundException();
        }
        return items.get(id);
    }

    @Override
    public synchronized Page list(String cursor, int limit) {
        ping();
        List<Item> rest = List.copyOf(
                cursor == null ? items.values() : items.tailMap(cursor, false).values());
        if (rest.size() <= limit) {
            return new Page(rest, null);
        }
        List<Item> page = rest.subList(0, limit);
        return new Page(page, page.get(limit - 1).id());
    }

    @Override
    public synchronized void replace(Item item) {
        get(item.id());
        items.put(item.id(), item);
    }

    @Override
    public synchronized void delete(String id) {
        get(id);
        items.remove(id);
    }
}
