using System.Text.Json.Nodes;

namespace WhiteCross.Reference;

/// <summary>Bodies that endpoints read themselves, for more than one reason: their size, their form, what an error says.</summary>
internal static class ApiBodies
{
    private static readonly Dictionary<string, string> Known = new()
    {
        ["AddJob"] = """{ "required": true, "description": "The job.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/JobEnvelope" } } } }""",
        ["AddJobs"] = """
            {
              "required": true,
              "description": "The jobs.",
              "content": { "application/json": { "schema": {
                "type": "object",
                "required": ["jobs"],
                "properties": { "jobs": { "type": "array", "minItems": 1, "maxItems": 1000, "items": { "$ref": "#/components/schemas/JobEnvelope" }, "description": "The jobs; each is judged by itself." } }
              } } }
            }
            """,
        ["AddBatchWithUpload"] = """
            {
              "required": true,
              "description": "The batch: as JSON with its recipients in it, or as a form with the recipients as an upload.",
              "content": {
                "application/json": { "schema": { "$ref": "#/components/schemas/BatchSendEnvelope" } },
                "multipart/form-data": {
                  "schema": {
                    "type": "object",
                    "required": ["job", "recipients"],
                    "properties": {
                      "job": { "type": "object", "description": "The envelope, without `recipientIds`." },
                      "recipients": { "type": "string", "contentMediaType": "application/octet-stream", "description": "A line or row for each recipient." }
                    }
                  },
                  "encoding": { "job": { "contentType": "application/json" }, "recipients": { "contentType": "text/csv, application/x-ndjson" } }
                }
              }
            }
            """,
        ["RetryFailedJobs"] = """
            {
              "required": false,
              "description": "Which; no body at all for all that have failed.",
              "content": { "application/json": { "schema": {
                "type": "object",
                "additionalProperties": false,
                "properties": { "jobIds": { "type": "array", "items": { "type": "string", "minLength": 1, "maxLength": 128 }, "description": "The ids of those to retry." } }
              } } }
            }
            """,
        ["UploadAttachment"] = """{ "required": true, "description": "The file, as its content type.", "content": { "application/octet-stream": { "schema": { "type": "string", "contentMediaType": "application/octet-stream" } } } }""",
        ["TakeTwilioReceipt"] = """{ "required": true, "description": "What Twilio posts.", "content": { "application/x-www-form-urlencoded": { "schema": { "type": "object", "additionalProperties": { "type": "string" } } } } }""",
    };

    public static void Add(JsonObject operation)
    {
        if (Known.TryGetValue((string)operation["operationId"]!, out var body))
        {
            operation["requestBody"] = JsonNode.Parse(body);
        }
        else if (operation["requestBody"]?.AsObject() is { } said)
        {
            said["description"] ??= "What is asked for.";
        }
    }
}
