package com.example.service.api;

import com.example.service.payments.PaymentStore;
import com.example.service.server.Draining;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What an orchestrator asks every few seconds. */
@RestController
final class HealthController {
    private static final Logger LOG = LoggerFactory.getLogger(HealthController.class);
    private static final long READINESS_TIMEOUT_MS = 500;

    private final PaymentStore store;
    private final Draining process;

    HealthController(PaymentStore store, Draining process) {
        this.store = store;
        this.process = process;
    }

    /** @param failed names the check that failed */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Health(String status, String failed) {}

    /** Says that the process serves. It asks nobody else: a restart does not bring Redis back. */
    @GetMapping("/health/live")
    Health live() {
        return new Health("live", null);
    }

    /** Says whether requests should be sent here. */
    @GetMapping("/health/ready")
    ResponseEntity<Health> ready() throws InterruptedException {
        if (process.isDraining()) {
            return unready("shutdown");
        }
        try {
            CompletableFuture.runAsync(store::ping).get(READINESS_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.atDebug().addKeyValue("error", e.toString()).log("redis does not answer");
            return unready("redis");
        }
        return ResponseEntity.ok(new Health("ready", null));
    }

    private static ResponseEntity<Health> unready(String failed) {
        return ResponseEntity.status(503).body(new Health("unready", failed));
    }
}
