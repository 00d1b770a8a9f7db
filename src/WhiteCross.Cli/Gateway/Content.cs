using System.Text.Json.Nodes;

namespace WhiteCross.Cli.Gateway;

/// <summary>What is taken out of what the gateway answers.</summary>
internal static class Content
{
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
