package com.example.service;

import com.example.service.config.Settings;
import com.example.service.config.SettingsException;
import com.example.service.payments.PaymentStore;
import com.example.service.redis.RedisPaymentStore;
import com.example.service.server.Server;
import com.example.service.server.StopSignal;
import java.util.Map;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.web.servlet.error.ErrorMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;

/** Joins the parts; exit codes. */
@SpringBootApplication(exclude = ErrorMvcAutoConfiguration.class) // ProblemAdvice and ProblemValve do it
public class Application {
    // See sysexits(3).
    private static final int EXIT_OK = 0;
    private static final int EXIT_FAILED = 1;
    private static final int EXIT_USAGE = 64;

    public static void main(String[] arguments) {
        System.exit(run(System.getenv()));
    }

    static int run(Map<String, String> environment) {
        StopSignal stop = StopSignal.install();
        try {
            boolean orderly = Server.run(Application.class, Settings.from(environment), stop);
            return orderly ? EXIT_OK : EXIT_FAILED;
        } catch (SettingsException e) {
            System.err.println(e.getMessage());
            return EXIT_USAGE;
        }
    }

    @Bean
    PaymentStore paymentStore(Settings settings) {
        return new RedisPaymentStore(settings.redis());
    }
}
