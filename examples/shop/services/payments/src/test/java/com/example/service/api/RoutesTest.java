package com.example.service.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.yaml.snakeyaml.Yaml;

class RoutesTest extends ApiTest {
    @Autowired
    private RequestMappingHandlerMapping routes;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/nothing",
                "/items/",
                "//items",
                "/items/1/2",
                "/./items",
                "/items/..",
                "/items;a=1",
                "/ITEMS",
                "/error",
                "/actuator"
            })
    void unknownPathsAreNotFound(String path) {
        problem(get(path), 404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PATCH|/items|GET, HEAD, POST",
                "OPTIONS|/items|GET, HEAD, POST",
                "TRACE|/items|GET, HEAD, POST",
                "BREW|/items|GET, HEAD, POST",
                "PUT|/items|GET, HEAD, POST",
                "DELETE|/items|GET, HEAD, POST",
                "PATCH|/items/1|GET, HEAD",
                "PUT|/items/1|GET, HEAD",
                "DELETE|/items/1|GET, HEAD",
                "POST|/health/live|GET, HEAD"
            })
    void otherMethodsAreRefusedWithAllow(String method, String path, String allow) {
        HttpResponse<String> answer = call(method, path);
        assertThat(problem(answer, 405).path("detail").textValue()).isEqualTo("This path takes " + allow + ".");
        assertThat(header(answer, "Allow")).isEqualTo(allow);
    }

    @Test
    void headIsAnsweredWhereGetIs() {
        HttpResponse<String> answer = call("HEAD", "/items");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Length")).isEqualTo("12");
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void anAcceptHeaderDoesNotChangeTheAnswer() {
        assertThat(call("GET", "/items", (byte[]) null, "Accept", "text/html").statusCode())
                .isEqualTo(200);
        problem(call("GET", "/nothing", (byte[]) null, "Accept", "text/html"), 404);
    }

    @Test
    void whatTomcatRefusesIsAProblemToo() {
        problem(get("/items/%00"), 400);
    }

    /** Keeps openapi.yaml and the routes from drifting apart. */
    @Test
    @SuppressWarnings("unchecked")
    void theDocumentDescribesEveryRoute() {
        HttpResponse<String> answer = get("/openapi.yaml");
        assertThat(header(answer, "Content-Type")).isEqualTo("application/yaml");
        Map<String, Map<String, Map<String, Object>>> document = new Yaml().load(answer.body());
        Set<String> documented = new TreeSet<>();
        document.get("paths")
                .forEach((path, methods) -> methods.keySet().stream()
                        .filter(method -> !method.equals("parameters"))
                        .forEach(method -> documented.add(method.toUpperCase(Locale.ROOT) + " " + path)));

        Set<String> mapped = new TreeSet<>();
        routes.getHandlerMethods()
                .keySet()
                .forEach(route -> route.getMethodsCondition()
                        .getMethods()
                        .forEach(method -> route.getPatternValues().forEach(path -> mapped.add(method + " " + path))));
        assertThat(mapped).isEqualTo(documented);
    }
}
