using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WhiteCross.Cli.Gateway;

/// <summary>What is sent, and what is taken out of what comes back.</summary>
internal static class Content
{
    /// <summary>A JSON body.</summary>
    public static ByteArrayContent Json(JsonNode document) =>
        new(JsonSerializer.SerializeToUtf8Bytes(document)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    /// <summary>Takes what a job is about out of its record: nobody sees a patient's data who did not ask for it.</summary>
    public static JsonNode Without(JsonNode record)
    {
        if (record is JsonObject job)
        {
            job.Remove("data");
            job.Remove("result");
            (job["progress"] as JsonObject)?.Remove("data");
        }

        return record;
    }
}
