package com.example.service.api;

import com.example.service.items.Item;
import com.example.service.items.ItemIds;
import com.example.service.items.ItemNotFoundException;
import com.example.service.items.ItemStore;
import com.example.service.items.Page;
import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** /items: the service's resource. What goes wrong is an exception, which {@link ProblemAdvice} answers. */
@RestController
final class ItemsController {
    private final ItemStore store;

    ItemsController(ItemStore store) {
        this.store = store;
    }

    /** The body of GET /items. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ItemList(List<Item> items, String nextCursor) {}

    @PostMapping("/items")
    ResponseEntity<Item> create(Draft draft, HttpServletRequest request) {
        Item item = draft.withId(ItemIds.next(Instant.now()));
        store.create(item);
        return ResponseEntity.status(201)
                .header("Location", PublicPrefix.of(request) + "/items/" + item.id())
                .body(item);
    }

    @GetMapping("/items")
    ItemList list(HttpServletRequest request) {
        PageQuery query = PageQuery.of(request);
        Page page = store.list(query.cursor(), query.limit());
        return new ItemList(page.items(), page.next());
    }

    @GetMapping("/items/{id}")
    Item get(@PathVariable("id") String id) {
        return store.get(valid(id));
    }

    @PutMapping("/items/{id}")
    Item replace(@PathVariable("id") String id, Draft draft) {
        Item item = draft.withId(valid(id));
        store.replace(item);
        return item;
    }

    @DeleteMapping("/items/{id}")
    ResponseEntity<Void> delete(@PathVariable("id") String id) {
        store.delete(valid(id));
        return ResponseEntity.noContent().build();
    }

    private static String valid(String id) {
        if (!ItemIds.isValid(id)) {
            throw new ItemNotFoundException();
        }
        return id;
    }
}
