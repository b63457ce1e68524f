package com.example.service.api;

import com.example.service.payments.Page;
import com.example.service.payments.Payment;
import com.example.service.payments.PaymentIds;
import com.example.service.payments.PaymentNotFoundException;
import com.example.service.payments.PaymentStore;
import com.example.service.problem.Problem;
import com.example.service.problem.ProblemException;
import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * /items: payments, which are made and read, and not edited. What goes wrong is an exception, which {@link
 * ProblemAdvice} answers.
 */
@RestController
final class PaymentsController {
    private static final Logger LOG = LoggerFactory.getLogger(PaymentsController.class);

    private final PaymentStore store;

    PaymentsController(PaymentStore store) {
        this.store = store;
    }

    /** The body of GET /items. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PaymentList(List<Payment> items, String nextCursor) {}

    /**
     * Takes money for an order, once. A caller who does not know what became of a request may send it again, and is
     * answered with the payment that the first one made.
     */
    @PostMapping("/items")
    ResponseEntity<Payment> create(Draft draft, HttpServletRequest request) {
        Payment wanted = draft.charge(PaymentIds.next(Instant.now()));
        Payment kept = store.createOnce(wanted);
        if (kept.amount() != wanted.amount()) {
            throw new ProblemException(
                    Problem.of(HttpStatus.CONFLICT, "The order has a payment already, of another amount."));
        }
        boolean isNew = kept.id().equals(wanted.id());
        if (isNew) {
            LOG.atInfo()
                    .addKeyValue("payment", kept.id())
                    .addKeyValue("order", kept.order())
                    .addKeyValue("amount", kept.amount())
                    .log(kept.state() == Payment.State.CAPTURED ? "captured" : "declined");
        }
        return ResponseEntity.status(isNew ? HttpStatus.CREATED : HttpStatus.OK)
                .header("Location", PublicPrefix.of(request) + "/items/" + kept.id())
                .body(kept);
    }

    @GetMapping("/items")
    PaymentList list(HttpServletRequest request) {
        PageQuery query = PageQuery.of(request);
        Page page = store.list(query.cursor(), query.limit());
        return new PaymentList(page.payments(), page.next());
    }

    @GetMapping("/items/{id}")
    Payment get(@PathVariable("id") String id) {
        if (!PaymentIds.isValid(id)) {
            throw new PaymentNotFoundException();
        }
        return store.get(id);
    }
}
