using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway.Tests;

/// <summary>
/// What the API's description says. That it is what the code says is tested with the whole system (ReferenceTests); that a client made of it compiles, by
/// tests/client.
/// </summary>
public sealed class ApiDescriptionTests
{
    private static readonly string[] Methods = ["get", "post", "put", "delete"];

    [Fact]
    public async Task It_is_served_with_a_tag_and_not_sent_again_where_nothing_has_changed()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var first = await gateway.Client.GetAsync(new Uri("/openapi/v1.json", UriKind.Relative), TestContext.Current.CancellationToken);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
        again.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(first.Headers.ETag!.ToString()));

        using var second = await gateway.Client.SendAsync(again, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("application/json", first.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Numbers_are_numbers_words_are_closed_and_everything_says_what_it_is()
    {
        var document = await DescriptionAsync();

        var faults = new List<string>();
        foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject())
        {
            if (schema!["description"] is null)
            {
                faults.Add($"{name}: no description");
            }

            foreach (var (property, value) in schema["properties"]?.AsObject() ?? [])
            {
                if (value!["description"] is null)
                {
                    faults.Add($"{name}.{property}: no description");
                }

                if (value["type"] is JsonArray types && types.Select(type => (string)type!).Count(type => type != "null") > 1)
                {
                    faults.Add($"{name}.{property}: {types.ToJsonString()}");
                }
            }
        }

        faults.AddRange(Inside(document).Where(one => (one["type"] as JsonValue)?.ToString() == "array" && one["items"] is not JsonObject { Count: > 0 }).Select(one => $"{one.GetPath()}: a list of what?"));
        Assert.Empty(faults);
        foreach (var closed in (string[])["JobState", "JobPriority", "JobBackoffType", "QueueHealthStatus", "JobType", "FailureReplayState", "NotificationType"])
        {
            var schema = document["components"]!["schemas"]![closed]!;
            Assert.Equal("string", (string)schema["type"]!);
            Assert.NotEmpty(schema["enum"]!.AsArray());
        }
    }

    [Fact]
    public async Task Every_parameter_that_an_endpoint_reads_is_described_and_no_other()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var (_, document) = await gateway.GetAsync("/openapi/v1.json");
        var operations = OperationsOf(document!).ToDictionary(operation => (string)operation.Operation["operationId"]!);

        foreach (var endpoint in gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName is not { } name || !endpoint.RoutePattern.RawText!.StartsWith("/queue", StringComparison.Ordinal))
            {
                continue;
            }

            var parameters = operations[name].Operation["parameters"]!.AsArray();
            Assert.Equal(
                StrictRequests.ParametersOf(endpoint)!.Order(),
                parameters.Where(parameter => (string)parameter!["in"]! == "query").Select(parameter => (string)parameter!["name"]!).Order());
            Assert.All(parameters, parameter => Assert.NotNull(parameter!["description"]));
        }
    }

    [Fact]
    public async Task Every_operation_says_who_may_and_what_it_refuses_with()
    {
        var document = await DescriptionAsync();
        var schemes = document["components"]!["securitySchemes"]!.AsObject();

        foreach (var (path, operation) in OperationsOf(document))
        {
            Assert.NotNull(operation["summary"]);
            Assert.NotEmpty(operation["tags"]!.AsArray());
            Assert.All(operation["security"]!.AsArray().SelectMany(one => one!.AsObject()), scheme => Assert.NotNull(schemes[scheme.Key]));
            Assert.True(operation["security"]!.AsArray().Count > 0 || path.StartsWith("/notifications/", StringComparison.Ordinal), $"{path} is for everybody.");
            string[] always = operation["security"]!.AsArray().Count > 0 ? ["401", "403", "429", "503"] : ["403", "429", "503"];
            Assert.All(always, status => Assert.NotNull(operation["responses"]![status]));
        }

        Assert.Contains(OperationsOf(document), operation => operation.Path == "/search");
        Assert.Contains(OperationsOf(document), operation => operation.Path == "/users/{id}/notifications");
        Assert.DoesNotContain(OperationsOf(document), operation => operation.Path.StartsWith("/internal", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/queue/{queue}/metrics", "/queue/nothing/metrics", HttpStatusCode.NotFound)]
    [InlineData("GET", "/queue/{queue}/jobs", "/queue/message-delivery/jobs?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/queue/{queue}/jobs/{id}", "/queue/message-delivery/jobs/none", HttpStatusCode.NotFound)]
    [InlineData("POST", "/queue/{queue}/failures/{id}/stop", "/queue/message-delivery/failures/none/stop", HttpStatusCode.Conflict)]
    [InlineData("POST", "/queue/{queue}/jobs/{id}/retry", "/queue/message-delivery/jobs/waits/retry", HttpStatusCode.Conflict)]
    [InlineData("POST", "/queue/{queue}/retries/{id}/undo", "/queue/message-delivery/retries/none/undo", HttpStatusCode.NotFound)]
    [InlineData("GET", "/queue/{queue}/schedules/{id}", "/queue/message-delivery/schedules/none", HttpStatusCode.NotFound)]
    public async Task A_refusal_is_of_a_type_that_the_description_has_for_it(string method, string path, string address, HttpStatusCode status)
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var added = await gateway.PostAsync("/queue/message-delivery/jobs", GatewayHost.Message("waits"));
        using var request = new HttpRequestMessage(new HttpMethod(method), address);

        using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, answer.StatusCode);
        var type = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["type"]!;
        var document = await DescriptionAsync();
#pragma warning disable CA1308 // the wire's form
        Assert.Contains(type, TypesOf(document, document["paths"]![path]![method.ToLowerInvariant()]!["responses"]![$"{(int)status}"]!));
#pragma warning restore CA1308
    }

    [Fact]
    public async Task Nobody_and_somebody_who_may_not_are_refused_as_described()
    {
        await using var gateway = await GatewayHost.StartAsync(null, ("Access:ApiKeys:0:Name", "viewer"), ("Access:ApiKeys:0:Key", "a-key-of-some-length-for-a-viewer"), ("Access:ApiKeys:0:Role", "viewer"));
        var document = await DescriptionAsync(gateway.Client, "a-key-of-some-length-for-a-viewer");
        foreach (var (key, status) in new[] { (null, 401), ("a-key-of-some-length-for-a-viewer", 403) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/queue/message-delivery/pause");
            request.Headers.Add("X-Api-Key", key is null ? [] : [key]);

            using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(status, (int)answer.StatusCode);
            var type = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["type"]!;
            Assert.Contains(type, TypesOf(document, document["paths"]!["/queue/{queue}/pause"]!["post"]!["responses"]![$"{status}"]!));
        }
    }

    [Fact]
    public async Task What_a_job_is_about_is_one_of_its_types_each_with_an_example()
    {
        var document = await DescriptionAsync();
        var schemas = document["components"]!["schemas"]!;

        var envelopes = schemas["JobEnvelope"]!["oneOf"]!.AsArray().Select(one => schemas[((string)one!["$ref"]!).Split('/')[^1]]!).ToList();

        Assert.Equal(Jobs.Contracts.JobTypeRegistry.Default.JobTypes.Order(), envelopes.Select(envelope => (string)envelope["properties"]!["type"]!["enum"]![0]!).Order());
        Assert.All(envelopes, envelope => Assert.NotNull(envelope["example"]!["data"]));
        Assert.Equal(["messageId", "senderId", "recipientId", "conversationId", "content"], schemas["SendMessageJob"]!["required"]!.AsArray().Select(one => (string)one!));
        Assert.Equal("#/components/schemas/JobEventMessage", (string)schemas["JobEvent"]!["properties"]!["data"]!["$ref"]!);
    }

    private static IEnumerable<(string Path, JsonNode Operation)> OperationsOf(JsonNode document) => document["paths"]!.AsObject()
        .SelectMany(path => Methods.Select(method => (path.Key, Operation: path.Value![method])).Where(one => one.Operation is not null).Select(one => (one.Key, one.Operation!)));

    private static IEnumerable<JsonObject> Inside(JsonNode? node) => node switch
    {
        JsonObject one => one.SelectMany(member => Inside(member.Value)).Prepend(one),
        JsonArray many => many.SelectMany(Inside),
        _ => [],
    };

    private static IEnumerable<string> TypesOf(JsonNode document, JsonNode response) =>
        document["components"]!["responses"]![((string)response["$ref"]!).Split('/')[^1]]!["content"]!["application/problem+json"]!["schema"]!["allOf"]![1]!["properties"]!["type"]!["enum"]!
            .AsArray().Select(type => (string)type!);

    private static async Task<JsonNode> DescriptionAsync()
    {
        await using var gateway = await GatewayHost.StartAsync();
        return await DescriptionAsync(gateway.Client);
    }

    private static async Task<JsonNode> DescriptionAsync(HttpClient client, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
        request.Headers.Add("X-Api-Key", key is null ? [] : [key]);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }
}
