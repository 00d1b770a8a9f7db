using System.Text.Json.Nodes;

namespace WhiteCross.Reference;

/// <summary>Server-sent events: what is in a stream.</summary>
internal static class ApiStreams
{
    private const string ContentType = "text/event-stream";

    /// <summary>One event as a client gets it, with its data read as JSON.</summary>
    public static JsonObject Event() => JsonNode.Parse("""
        {
          "type": "object",
          "description": "An event of a stream. On the wire its `data` is a line of JSON; comments (`:`) come in between while it is quiet.",
          "required": ["event", "data"],
          "properties": {
            "id": { "type": "string", "description": "Where to go on after a break: the client sends it as `Last-Event-ID`." },
            "event": { "type": "string", "enum": ["state", "progress", "log", "removed"], "description": "What has happened: the job has another state, its handler reported progress or wrote a line, its record has gone." },
            "data": { "$ref": "#/components/schemas/JobEventMessage", "description": "The change." }
          }
        }
        """)!.AsObject();

    public static void Describe(JsonObject operation)
    {
        if (((string)operation["operationId"]!).StartsWith("Watch", StringComparison.Ordinal))
        {
            operation["responses"]!["200"] = new JsonObject
            {
                ["description"] = "The stream: one event after the other, each as the schema says.",
                ["content"] = new JsonObject { [ContentType] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/JobEvent" } } },
            };
        }
    }
}
