package com.example.service.items;

/**
 * Keeps items. Every replica of the service works on the same store. Each method throws {@link
 * StoreUnavailableException} when the store does not answer.
 */
public interface ItemStore {
    void create(Item item);

    /** Throws {@link ItemNotFoundException} for an unknown id. */
    Item get(String id);

    /** At most limit items that follow the cursor, an item's id; null: from the start. */
    Page list(String cursor, int limit);

    /** Throws {@link ItemNotFoundException} for an unknown id; it never creates an item. */
    void replace(Item item);

    /** Throws {@link ItemNotFoundException} for an unknown id. */
    void delete(String id);

    /** Returns if the store answers. */
    void ping();
}
