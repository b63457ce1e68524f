package com.example.service.api;

import com.example.service.telemetry.Metrics;
import java.io.IOException;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the service says about itself. */
@RestController
final class MetaController {
    private final Metrics metrics;
    private final byte[] document;

    MetaController(Metrics metrics) throws IOException {
        this.metrics = metrics;
        document = new ClassPathResource("openapi.yaml").getContentAsByteArray();
    }

    @GetMapping("/metrics")
    ResponseEntity<byte[]> metrics() {
        return ResponseEntity.ok().header("Content-Type", Metrics.CONTENT_TYPE).body(metrics.text());
    }

    @GetMapping("/openapi.yaml")
    ResponseEntity<byte[]> document() {
        return ResponseEntity.ok().header("Content-Type", "application/yaml").body(document);
    }
}
