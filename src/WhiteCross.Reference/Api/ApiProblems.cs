using System.Text.Json.Nodes;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Reference;

/// <summary>What an operation can refuse with: for each status the types of problem that it has there, closed, so that a client can tell them apart.</summary>
internal static class ApiProblems
{
    private static readonly Dictionary<int, (string Section, string Text)> ByStatus = new()
    {
        [400] = ("15.5.1", "The request is not valid. Nothing was done."),
        [401] = ("15.5.2", "Nobody is known by that key or token, or none was given."),
        [403] = ("15.5.4", "The caller may not do this."),
        [404] = ("15.5.5", "There is no such thing."),
        [409] = ("15.5.10", "The state of things does not allow it."),
        [410] = ("15.5.11", "It is gone for good."),
        [413] = ("15.5.14", "The body is too large."),
        [415] = ("15.5.16", "The body is not of the content type that is taken."),
        [422] = ("15.5.21", "What the body says cannot be taken."),
        [429] = ("", "Too many requests. `Retry-After` says when to go on."),
        [502] = ("15.6.3", "A service behind this one has given an answer that cannot be used."),
        [503] = ("15.6.4", "Something that is needed does not answer now. `Retry-After`, where it is given, says when to try again."),
    };

    // These are refused by status alone: no problem of ours says more.
    private static readonly HashSet<int> Plain = [401, 403];

    private static readonly HashSet<string> OfReceipts = ["not-signed", "key-not-shown", "not-set-up"];

    /// <summary>The response for a status; it goes into <paramref name="responses"/> (components) once.</summary>
    public static JsonObject Response(JsonObject responses, int status, string path, string method)
    {
        var types = ProblemTypes.All.Where(type => type.Status == status && IsOf(type.Name, path, method)).ToList();
        var name = string.Join('.', types.Select(type => type.Name).Prepend($"Problem{status}"));
        if (!responses.ContainsKey(name))
        {
            responses[name] = Create(status, types);
        }

        return new JsonObject { ["$ref"] = $"#/components/responses/{name}" };
    }

    public static JsonObject Schema() => JsonNode.Parse("""
        {
          "type": "object",
          "description": "Problem details (RFC 9457). Programs go by `type`; `title` and `detail` are for people.",
          "required": ["type", "title", "status"],
          "properties": {
            "type": { "type": "string", "description": "What kind of problem it is." },
            "title": { "type": "string", "description": "The same, for people." },
            "status": { "type": "integer", "format": "int32", "description": "The status that it comes with." },
            "detail": { "type": "string", "description": "What is wrong with this request, and the way out." },
            "instance": { "type": "string", "description": "The path that was asked for." },
            "traceId": { "type": "string", "description": "To quote to the operators." },
            "errors": { "type": "object", "additionalProperties": { "type": "array", "items": { "type": "string" } }, "description": "Of a request that is not valid: sentences for each field." },
            "outcome": { "type": "string", "enum": ["none", "done", "unknown"], "description": "While the job store is away: whether what was asked for was done." },
            "jobId": { "type": "string", "description": "While the job store is away: with this id the same request can be sent again." },
            "jobs": { "type": "array", "items": { "$ref": "#/components/schemas/BulkAccepted" }, "description": "The same for the jobs of a bulk, each in its place." },
            "remains": { "type": "string", "enum": ["completed", "failed", "removed"], "description": "Of a job whose record has gone: how it ended." }
          }
        }
        """)!.AsObject();

    private static JsonObject Create(int status, List<ProblemType> types)
    {
        var (section, text) = ByStatus[status];
        var words = types.Select(type => type.Uri).ToList();
        if (Plain.Contains(status) || words.Count == 0)
        {
            words.Add(section.Length > 0 ? $"https://tools.ietf.org/html/rfc9110#section-{section}" : "https://tools.ietf.org/html/rfc6585#section-4");
        }

        var response = new JsonObject
        {
            ["description"] = types.Count == 0 ? text : $"{text}\n\n{string.Join('\n', types.Select(type => $"- `{type.Name}`: {type.Meaning}"))}",
            ["content"] = new JsonObject
            {
                ["application/problem+json"] = new JsonObject
                {
                    ["schema"] = new JsonObject
                    {
                        ["allOf"] = new JsonArray(
                            new JsonObject { ["$ref"] = "#/components/schemas/Problem" },
                            new JsonObject
                            {
                                ["type"] = "object",
                                ["properties"] = new JsonObject { ["type"] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. words.Select(word => (JsonNode)word)]) } },
                            }),
                    },
                },
            },
        };
        if (status is 429 or 503)
        {
            response["headers"] = new JsonObject
            {
                ["Retry-After"] = new JsonObject { ["description"] = "After how many seconds to try again.", ["schema"] = new JsonObject { ["type"] = "integer" } },
            };
        }

        return response;
    }

    // By what the path is about: a job's route knows nothing of messages, and the other way round.
    private static bool IsOf(string type, string path, string method)
    {
        var isQueue = path.StartsWith("/queue/", StringComparison.Ordinal);
        var isSuppression = path.Contains("suppressions", StringComparison.Ordinal);
        return type switch
        {
            "invalid-request" or "cross-site" or "not-from-here" or "too-many-requests" or "too-large" or "not-json" => true,
            "not-yours-to-delete" => isQueue && method == "post" && (path.EndsWith("/jobs", StringComparison.Ordinal) || path.EndsWith("/bulk", StringComparison.Ordinal) || path.Contains("schedules", StringComparison.Ordinal)),
            "unknown-queue" => path.Contains("{queue}", StringComparison.Ordinal),
            "unknown-job" or "job-gone" => path.Contains("/jobs/{id}", StringComparison.Ordinal),
            "unknown-schedule" => path.Contains("/schedules/{id}", StringComparison.Ordinal),
            "unknown-retry" or "too-late" => path.Contains("/retries/", StringComparison.Ordinal),
            "unknown-cause" => path.Contains("/failures/{id}", StringComparison.Ordinal),
            "unknown-batch" => path.StartsWith("/batches", StringComparison.Ordinal),
            "no-such-suppression" => isSuppression,
            "no-such-hold" or "held-already" => path.Contains("/legal-holds", StringComparison.Ordinal),
            "others-data" or "part-away" => path.EndsWith("/export", StringComparison.Ordinal) && !isQueue,
            "wrong-state" => isQueue && !path.Contains("/retries/", StringComparison.Ordinal),
            "job-removed" => isQueue,
            "job-store-away" => isQueue && !isSuppression,
            "service-away" => !isQueue || isSuppression || path.Contains("/people/", StringComparison.Ordinal) || path.Contains("/legal-holds", StringComparison.Ordinal) || path.Contains(JobsOfBatches, StringComparison.Ordinal),
            "identity-provider-away" => true,
            "no-door" or "unknown-host" or "sidecar-away" => false,
            "wrong-content-type" => path.StartsWith("/attachments", StringComparison.Ordinal) || path.StartsWith("/messages", StringComparison.Ordinal),
            "attachment-too-large" or "quota-exceeded" or "no-such-attachment" or "attachment-infected" or "scanner-away" => path.Contains("attachments", StringComparison.Ordinal),
            "others-inbox" => path.EndsWith("/messages", StringComparison.Ordinal) && path.StartsWith("/users/", StringComparison.Ordinal),
            "others-notifications" => path.StartsWith("/users/", StringComparison.Ordinal) && !path.EndsWith("/messages", StringComparison.Ordinal),
            "no-such-message" or "cannot-decrypt" or "encryption-away" => path.StartsWith("/messages", StringComparison.Ordinal),
            "no-such-conversation" or "no-such-member" or "conversation-exists" or "conversation-full" => path.StartsWith("/conversations", StringComparison.Ordinal),
            "no-such-user" => path.EndsWith("/presence", StringComparison.Ordinal),
            "no-such-notification" => path.StartsWith("/notifications", StringComparison.Ordinal) || path.Contains("/notifications/", StringComparison.Ordinal),
            "no-such-device" => path.Contains("/devices", StringComparison.Ordinal),
            "no-such-contact" => path.Contains("/contacts", StringComparison.Ordinal),
            "membership-unknown" => path.StartsWith("/search", StringComparison.Ordinal),
            _ => OfReceipts.Contains(type) && path.StartsWith("/notifications/", StringComparison.Ordinal),
        };
    }

    private const string JobsOfBatches = "/batch-message-sending/jobs";
}
