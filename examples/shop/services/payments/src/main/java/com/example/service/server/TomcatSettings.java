package com.example.service.server;

import com.example.service.config.Settings;
import java.io.File;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.core.StandardHost;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** What application.properties cannot say to Tomcat. */
@Component
final class TomcatSettings implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    // Tomcat wants folders for files, of which there are none: nothing serves them. By default it makes some in /tmp.
    private static final File HERE = new File("").getAbsoluteFile();

    private static final Duration BODY_TIMEOUT = Duration.ofSeconds(30);

    private final Settings settings;

    TomcatSettings(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.setPort(settings.port());
        factory.setAddress(address(settings.host()));
        factory.setBaseDirectory(HERE);
        factory.setDocumentRoot(HERE);
        factory.addConnectorCustomizers(TomcatSettings::customize);
        factory.addContextCustomizers(TomcatSettings::customize);
    }

    private static InetAddress address(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("HOST: \"" + host + "\" is not an address of this machine", e);
        }
    }

    private static void customize(Connector connector) {
        // Refused like other methods: by the routes.
        connector.setAllowTrace(true);
        // An id may be "a/b"; Spring takes the path apart before it decodes it.
        connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
        // A pause within a body may be longer than one within a head.
        connector.setProperty("disableUploadTimeout", "false");
        connector.setProperty("connectionUploadTimeout", String.valueOf(BODY_TIMEOUT.toMillis()));
    }

    private static void customize(Context context) {
        ((StandardContext) context).setWorkDir(HERE.getPath());
        ((StandardHost) context.getParent()).setErrorReportValveClass(ProblemValve.class.getName());
    }
}
