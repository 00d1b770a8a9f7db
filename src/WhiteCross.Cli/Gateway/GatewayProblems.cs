using System.Net;
using System.Text.Json.Nodes;

namespace WhiteCross.Cli.Gateway;

/// <summary>What the gateway says when it does not do what it was asked.</summary>
internal static class GatewayProblems
{
    /// <summary>An answer's document, an empty object where there is none.</summary>
    /// <exception cref="CliException">It says that the request was not served.</exception>
    public static JsonNode Ensure(HttpStatusCode status, JsonNode? document) =>
        (int)status is >= 200 and < 300 ? document ?? new JsonObject() : throw Read(status, document);

    public static CliException Read(HttpStatusCode status, JsonNode? document)
    {
        var problem = document as JsonObject;
        var errors = (problem?["errors"] as JsonObject)?
            .ToDictionary(field => field.Key, field => field.Value is JsonArray messages ? messages.Select(message => message?.ToString() ?? string.Empty).ToArray() : []);
        var message = (TextOf(problem, "title"), TextOf(problem, "detail")) switch
        {
            ({ } title, { } detail) => $"{title.TrimEnd('.')}: {detail}",
            // These say nothing beyond their name.
            (_, null) when status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => MessageFor(status),
            ({ } title, null) => title,
            (null, { } detail) => detail,
            _ => MessageFor(status),
        };
        problem ??= new JsonObject { ["title"] = message, ["status"] = (int)status };
        return new CliException(ExitCodeOf(status), message, errors, problem);
    }

    private static int ExitCodeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ExitCodes.NotAllowed,
        HttpStatusCode.NotFound => ExitCodes.NotFound,
        HttpStatusCode.TooManyRequests => ExitCodes.Unavailable,
        >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError => ExitCodes.WrongInput,
        _ => ExitCodes.Unavailable,
    };

    private static string MessageFor(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => "The gateway does not know who asks: give an API key with WC_API_KEY or --key, or a token with WC_TOKEN.",
        HttpStatusCode.Forbidden => "Not allowed: this takes a key with a higher role (viewer looks; operator adds and controls; admin removes, cleans and reads the audit log).",
        HttpStatusCode.NotFound => "There is nothing at this address: is --url right, and the gateway new enough?",
        _ => $"The gateway answered {(int)status}.",
    };

    private static string? TextOf(JsonObject? problem, string name) =>
        problem?[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
}
