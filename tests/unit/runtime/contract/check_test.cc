#include "runtime/contract/check.h"

#include "tests/catch.h"

namespace msctl::contract {
namespace {

constexpr const char* text = R"(
openapi: 3.1.0
info: {title: items, version: 1.0.0}
paths:
  /items:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
      responses:
        "200": {description: A page., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Item"}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Draft"}}}}
      responses:
        "201":
          description: Made.
          headers: {Location: {required: true, schema: {type: string}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}
        4XX: {description: Refused., content: {application/problem+json: {schema: {type: object}}}}
  /items/latest:
    get: {responses: {"204": {description: None.}}}
  /a+b: {get: {responses: {"204": {description: None.}}}}
  /items/{id}:
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
components:
  schemas:
    Draft: {type: object, required: [name], properties: {name: {type: string, minLength: 1}}}
    Item:
      allOf: [{$ref: "#/components/schemas/Draft"}]
      type: object
      required: [id]
      properties: {id: {type: string}}
)";

const Document& document() {
  static const Document parsed = *Document::parse("openapi.yaml", text);
  return parsed;
}

replay::Exchange exchange(const char* method, const char* target, int status, const char* body = "",
                          const char* type = "application/json") {
  replay::Exchange out;
  out.method = method;
  out.target = target;
  out.status = status;
  out.response.body = body;
  if (*body != '\0') out.response.headers = {{"content-type", type}};
  return out;
}

std::vector<std::string> findings(const replay::Exchange& of) {
  std::vector<std::string> out;
  for (const Finding& each : check(document(), {of}).findings) out.push_back(describe(each));
  return out;
}

using Lines = std::vector<std::string>;

TEST_CASE("what is as described is not reported") {
  CHECK(findings(exchange("GET", "/items/7", 200, R"({"id":"7","name":"lamp"})")).empty());
  CHECK(findings(exchange("GET", "/items?limit=2", 200, "[]", "application/json; charset=utf-8")).empty());
  CHECK(findings(exchange("HEAD", "/items/7", 200)).empty());
  CHECK(findings(exchange("PATCH", "/items", 405, "{}", "application/problem+json")).empty());
}

TEST_CASE("a plus is itself in a path, and a space in a query") {
  CHECK(findings(exchange("GET", "/a+b", 204)).empty());
  CHECK(findings(exchange("GET", "/a%2Bb", 204)).empty());
  CHECK(findings(exchange("GET", "/a%20b", 204)) == Lines{"GET /a%20b 204 request: no path describes this"});
  CHECK(findings(exchange("GET", "/items?limit=+", 200, "[]")) ==
        Lines{"GET /items 200 request: the parameter limit is \" \", and not of type \"integer\""});
}

TEST_CASE("a field that is not described is named by its pointer, also inside of lists") {
  CHECK(findings(exchange("GET", "/items", 200,
                          R"([{"id":"7","name":"lamp"},{"id":"8","name":"x","colour":1}])")) ==
        Lines{"GET /items 200 response /1/colour: is not described"});
}

TEST_CASE("wrong types, missing members, other statuses and media types are reported") {
  CHECK(findings(exchange("GET", "/items/7", 200, R"({"id":7})")) ==
        Lines{"GET /items/{id} 200 response /name: is missing",
              "GET /items/{id} 200 response /id: is 7, and not of type \"string\""});
  CHECK(findings(exchange("GET", "/items/7", 410)) ==
        Lines{"GET /items/{id} 410 response: the status is not described"});
  CHECK(findings(exchange("GET", "/items", 200, "a", "text/plain")) ==
        Lines{"GET /items 200 response: the media type text/plain is not described"});
  CHECK(findings(exchange("GET", "/items", 200, "{", "application/json")) ==
        Lines{"GET /items 200 response: the body is no JSON, but application/json"});
  CHECK(findings(exchange("GET", "/items/latest", 204, "x", "text/plain")) ==
        Lines{"GET /items/latest 204 response: a body is not described"});
  CHECK(findings(exchange("GET", "/other", 200)) == Lines{"GET /other 200 request: no path describes this"});
  CHECK(findings(exchange("PUT", "/items", 200)) ==
        Lines{"PUT /items 200 request: the path has no such method"});
}

TEST_CASE("requests that were taken must be as described; refused ones need not") {
  replay::Exchange made = exchange("POST", "/items", 201, R"({"id":"7","name":"lamp"})");
  made.request.headers = {{"Content-Type", "application/json"}};
  made.request.body = R"({"name":"","size":2})";
  CHECK(findings(made) == Lines{"POST /items 201 request /name: has 0 characters, fewer than 1",
                                "POST /items 201 response: the field Location is missing"});
  made.request.body = R"({"name":"lamp","size":2})";
  made.response.headers.emplace_back("Location", "/items/7");
  CHECK(findings(made) == Lines{"POST /items 201 request /size: is not described"});
  replay::Exchange refused = exchange("POST", "/items", 422, "{}", "application/problem+json");
  refused.request.body = "{";
  CHECK(findings(refused).empty());
  CHECK(findings(exchange("GET", "/items?limit=0&page=1", 200, "[]")) ==
        Lines{"GET /items 200 request: the parameter limit is 0, less than 1",
              "GET /items 200 request: the parameter page is not described"});
}

TEST_CASE("the same finding is told once, and operations that nobody asked for are named") {
  auto one = exchange("GET", "/items/7", 410), other = exchange("GET", "/items/8", 410);
  Report report = check(document(), {one, other});
  REQUIRE(report.findings.size() == 1);
  CHECK(describe(report.findings.front()) ==
        "GET /items/{id} 410 response: the status is not described (2 times)");
  CHECK(report.unseen == Lines{"GET /a+b", "GET /items", "POST /items", "GET /items/latest"});
}

TEST_CASE("what is no OpenAPI document is refused") {
  CHECK(Document::parse("a.yaml", "openapi: 2.0\npaths: {}\n").error().code == base::Code::wrongValue);
  CHECK(Document::parse("a.yaml", "{").error().code == base::Code::yamlSyntax);
}

}  // namespace
}  // namespace msctl::contract
