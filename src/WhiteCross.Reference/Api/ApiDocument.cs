using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Reference;

/// <summary>
/// The OpenAPI document of everything behind the gateway's address: its own routes and those of the services that it passes on. Made of what the framework
/// finds in the code and of what the code says besides, and kept as a file that the gateway serves: a change of the API is seen where it is reviewed.
/// </summary>
internal static class ApiDocument
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    public static async Task<string> RenderAsync(Sources sources, DescribedSystem system, CancellationToken cancellationToken)
    {
        var gateway = await system.DescribeAsync(DescribedSystem.Gateway, cancellationToken);
        var document = gateway.Document;
        var (paths, schemas) = (document["paths"]!.AsObject(), document["components"]!["schemas"]!.AsObject());
        ApiTypes.AddEnvelopes(schemas, sources);
        schemas["JobEvent"] = ApiStreams.Event();
        schemas["Problem"] = ApiProblems.Schema();
        schemas.Remove("ProblemDetails");
        schemas.Remove("HttpValidationProblemDetails");
        schemas.Remove("IFormFile");
        var responses = new JsonObject();
        foreach (var (path, item) in paths)
        {
            foreach (var (method, node) in item!.AsObject())
            {
                var operation = node!.AsObject();
                var endpoint = gateway.Of((string)operation["operationId"]!);
                ApiOperations.AddParameters(operation, path, StrictRequests.ParametersOf(endpoint) ?? []);
                ApiBodies.Add(operation);
                ApiStreams.Describe(operation);
                operation["tags"] = new JsonArray(ApiTags.Of(path));
                ApiOperations.Complete(operation, path, method, endpoint, responses);
            }
        }

        foreach (var service in system.Services.Where(service => service != DescribedSystem.Gateway))
        {
            Add(await system.DescribeAsync(service, cancellationToken), gateway, document, responses);
        }

        ApiTypes.Describe(schemas, sources);
        schemas.Remove("JsonElement");
        ApiTypes.OpenAnswers(document);
        return Finish(document, paths, schemas, responses).ToJsonString(Json) + "\n";
    }

    // Only what the gateway passes on.
    private static void Add(DescribedService service, DescribedService gateway, JsonObject document, JsonObject responses)
    {
        var (paths, schemas) = (document["paths"]!.AsObject(), document["components"]!["schemas"]!.AsObject());
        var added = false;
        foreach (var (path, item) in service.Document["paths"]!.AsObject())
        {
            if (gateway.Passing(path) is not { } door)
            {
                continue;
            }

            var copy = item!.DeepClone().AsObject();
            foreach (var (method, node) in copy)
            {
                var operation = node!.AsObject();
                ApiOperations.DescribePath(operation, path);
                ApiBodies.Add(operation);
                ApiOperations.Complete(operation, path, method, door, responses);
            }

            paths.Add(path, copy);
            added = true;
        }

        foreach (var (name, schema) in (added ? service.Document["components"]?["schemas"]?.AsObject().ToList() : null) ?? [])
        {
            if (name is "ProblemDetails" or "HttpValidationProblemDetails")
            {
                continue;
            }

            if (schemas[name] is null)
            {
                schemas[name] = schema!.DeepClone();
            }
        }
    }

    private static JsonObject Finish(JsonObject document, JsonObject paths, JsonObject schemas, JsonObject responses)
    {
        var tags = paths.SelectMany(path => path.Value!.AsObject()).SelectMany(operation => operation.Value!["tags"]!.AsArray()).Select(tag => (string)tag!).Distinct();
        var used = Used(paths, schemas, responses);
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "White Cross queues",
                ["version"] = "v1",
                ["description"] = "Add jobs, follow them, operate their queues; and what the services offer to users, behind the same address.\n\nWhat cannot be served is answered with problem details (RFC 9457). A query parameter that a route does not know is refused by its name. Every GET route answers HEAD; what is asked for again and again has an `ETag`; answers that hold no content are compressed when `Accept-Encoding` says so. `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` say how many requests the caller has left in this second. `Idempotency-Key` is the id of a job that is added, and refused by name elsewhere under `/queue`.\n\nQueues are operated with an API key or a token of `Access`; user routes take a token of `Authentication:Authority`. Where neither is set, the gateway serves its own machine only and asks nobody who they are.",
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/", ["description"] = "The gateway that serves this document." }),
            ["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)new JsonObject { ["name"] = tag, ["description"] = ApiTags.TextOf(tag) })]),
            ["paths"] = paths.DeepClone(),
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = ApiOperations.SecuritySchemes(),
                ["responses"] = responses,
                ["schemas"] = new JsonObject(schemas.Where(schema => used.Contains(schema.Key)).OrderBy(schema => schema.Key, StringComparer.Ordinal).Select(schema => KeyValuePair.Create(schema.Key, schema.Value?.DeepClone()))),
            },
        };
    }

    private static HashSet<string> Used(JsonObject paths, JsonObject schemas, JsonObject responses)
    {
        const string Prefix = "#/components/schemas/";
        var used = new HashSet<string>();
        var left = new Queue<JsonNode>([paths, responses]);
        while (left.TryDequeue(out var node))
        {
            foreach (var child in node is JsonObject one ? one.Select(member => member.Value) : node is JsonArray many ? many : Enumerable.Empty<JsonNode?>())
            {
                if (child is JsonObject or JsonArray)
                {
                    left.Enqueue(child);
                }
                else if (child is JsonValue value && value.TryGetValue<string>(out var text) && text.StartsWith(Prefix, StringComparison.Ordinal) && used.Add(text[Prefix.Length..]))
                {
                    left.Enqueue(schemas[text[Prefix.Length..]] ?? throw new InvalidOperationException($"{text} is not there."));
                }
            }
        }

        return used;
    }
}
