using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Reference;

/// <summary>Operations: their parameters, who may, and what they refuse with.</summary>
internal static class ApiOperations
{
    // What stands before an id in the path of a user's route.
    private static readonly Dictionary<string, string> Things = new()
    {
        ["messages"] = "The message's id.",
        ["conversations"] = "The conversation's id.",
        ["attachments"] = "The attachment's id.",
        ["users"] = "The user's id.",
        ["notifications"] = "The notification's id.",
        ["batches"] = "The batch's id.",
        ["members"] = "The member's user id.",
        ["devices"] = "The device's token.",
        ["contacts"] = "The channel: `email` or `sms`.",
        ["unsubscribe"] = "The token of the link in the mail.",
    };

    public static JsonObject SecuritySchemes() => JsonNode.Parse("""
        {
          "apiKey": { "type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "A key of `Access:ApiKeys`; its role says what it may do." },
          "basic": { "type": "http", "scheme": "basic", "description": "The same key as the password of any user name: what a browser asks for." },
          "operatorToken": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A token of `Access:Authority` with one of the roles." },
          "userToken": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A token of `Authentication:Authority`; its `sub` is the user." }
        }
        """)!.AsObject();

    public static void AddParameters(JsonObject operation, string path, IReadOnlyList<string> query)
    {
        var name = (string)operation["operationId"]!;
        var inPath = path.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}'));
        operation["parameters"] = new JsonArray([.. inPath.Concat(query).Select(parameter => (JsonNode)ApiParameters.Create(name, path, parameter))]);
    }

    /// <summary>Says what the ids in a user route's path are, and other parameters that say nothing of themselves.</summary>
    public static void DescribePath(JsonObject operation, string path)
    {
        var parts = path.Split('/');
        foreach (var parameter in operation["parameters"]?.AsArray().Where(parameter => parameter!["description"] is null).ToList() ?? [])
        {
            if ((string)parameter!["name"]! == "jobId")
            {
                parameter["description"] = "The id of the batch's job.";
                parameter["required"] = true;
                continue;
            }

            var place = Array.IndexOf(parts, $"{{{parameter["name"]}}}");
            parameter["description"] = Things.GetValueOrDefault(parts[place - 1]) ?? throw new InvalidOperationException($"{path}: nothing says what {parts[place]} is.");
        }
    }

    /// <summary>Says who may, and what it refuses with.</summary>
    public static void Complete(JsonObject operation, string path, string method, RouteEndpoint endpoint, JsonObject components)
    {
        var door = endpoint.Metadata.GetMetadata<Door>()!;
        operation["security"] = door.Kind switch
        {
            DoorKind.Operating => new JsonArray(Needs("apiKey"), Needs("basic"), Needs("operatorToken")),
            DoorKind.Users => new JsonArray(Needs("userToken")),
            _ => new JsonArray(),
        };
        if (door.Role is { } role)
        {
            string[] also = [.. endpoint.Metadata.GetMetadata<PublishersToo>() is null ? Array.Empty<string>() : [AccessRoles.Publisher], .. endpoint.Metadata.GetMetadata<MetricsKeysToo>() is null ? Array.Empty<string>() : [AccessRoles.Metrics]];
            operation["description"] = $"{operation["description"]}\n\nRole: {role}{string.Concat(also.Select(one => $" or {one}"))}.".Trim();
        }

        var responses = operation["responses"]!.AsObject();
        var hasBody = operation["requestBody"] is not null;
        var statuses = responses.Where(response => response.Value!["content"]?["application/problem+json"] is not null).Select(response => int.Parse(response.Key, System.Globalization.CultureInfo.InvariantCulture)).ToHashSet();
        statuses.UnionWith([403, 429, 503]);
        if (operation["security"]!.AsArray().Count > 0)
        {
            statuses.Add(401);
        }

        if (hasBody || operation["parameters"]?.AsArray().Any(parameter => (string)parameter!["in"]! == "query") is true)
        {
            statuses.Add(400);
        }

        if (hasBody)
        {
            statuses.UnionWith([413, 415]);
        }

        AddHeaders(operation, endpoint);

        // An answer of its own, such as the report of an unhealthy queue, stays.
        foreach (var status in statuses.Order().Where(status => responses[$"{status}"]?["content"]?["application/json"] is null))
        {
            responses[$"{status}"] = ApiProblems.Response(components, status, path, method);
        }
    }

    private static void AddHeaders(JsonObject operation, RouteEndpoint endpoint)
    {
        var parameters = operation["parameters"]?.AsArray();
        foreach (var header in ApiParameters.HeadersOf((string?)operation["operationId"], endpoint.Metadata.GetMetadata<HasEntityTag>() is not null))
        {
            if (parameters is null)
            {
                operation["parameters"] = parameters = new JsonArray();
            }

            parameters.Add(header);
        }

        if (endpoint.Metadata.GetMetadata<HasEntityTag>() is not null && operation["responses"]!["200"] is JsonObject answer)
        {
            answer["headers"] = JsonNode.Parse("""{ "ETag": { "description": "What `If-None-Match` is sent with.", "schema": { "type": "string" } } }""");
            operation["responses"]!["304"] = new JsonObject { ["description"] = "Nothing has changed since the answer with that tag." };
        }
    }

    private static JsonObject Needs(string scheme) => new() { [scheme] = new JsonArray() };
}
