package com.example.service.server;

import com.example.service.config.Settings;
import java.util.Map;
import org.apache.catalina.connector.Connector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.embedded.tomcat.TomcatWebServer;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** Runs the application from its start to a shutdown that cuts no request. */
public final class Server {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private Server() {}

    /**
     * Answers requests until the signal comes.
     *
     * @return false if the start failed, or if requests had to be cut
     */
    public static boolean run(Class<?> application, Settings settings, StopSignal stop) {
        try {
            ServletWebServerApplicationContext context = start(application, settings);
            Connector connector =
                    ((TomcatWebServer) context.getWebServer()).getTomcat().getConnector();
            LOG.atInfo()
                    .addKeyValue("address", settings.host() + ":" + connector.getLocalPort())
                    .log("listening");
            stop.await();
            LOG.atInfo()
                    .addKeyValue("grace_period_s", settings.gracePeriod().toMillis() / 1000.0)
                    .log("shutting down");
            if (!context.getBean(Lifecycle.class).drain(connector.getProtocolHandler())) {
                LOG.error("requests were still running when the grace period ended");
                return false;
            }
            context.close();
            LOG.info("stopped");
            return true;
        } catch (RuntimeException | InterruptedException e) {
            LOG.atError().setCause(e).log("server failed");
            return false;
        }
    }

    private static ServletWebServerApplicationContext start(Class<?> type, Settings settings) {
        var application = new SpringApplication(type);
        application.setRegisterShutdownHook(false); // the signal does it
        application.setDefaultProperties(properties(settings));
        application.addInitializers(
                context -> ((GenericApplicationContext) context).registerBean(Settings.class, () -> settings));
        return (ServletWebServerApplicationContext) application.run();
    }

    /** LOG_LEVEL is the service's own; of the libraries no more than warnings are of interest. */
    private static Map<String, Object> properties(Settings settings) {
        Level libraries = settings.logLevel() == Level.ERROR ? Level.ERROR : Level.WARN;
        return Map.of(
                "service.name", settings.serviceName(),
                "logging.level.root", libraries.name(),
                "logging.level.com.example.service", settings.logLevel().name());
    }
}
