using System.Text.Json.Nodes;

namespace WhiteCross.Cli.Tests;

/// <summary>Files with jobs.</summary>
internal static class JobFiles
{
    /// <summary>What must be seen only by who asks for it.</summary>
    public const string Secret = "the results of a patient";

    public static JsonObject SendMessageData() => new()
    {
        ["messageId"] = Guid.NewGuid().ToString(),
        ["senderId"] = Guid.NewGuid().ToString(),
        ["recipientId"] = Guid.NewGuid().ToString(),
        ["conversationId"] = Guid.NewGuid().ToString(),
        ["content"] = Secret,
    };

    public static JsonObject SendMessage() => new() { ["type"] = "send-message", ["data"] = SendMessageData() };

    /// <summary>A job that fails at once, for good: nothing was ever encrypted to this.</summary>
    public static JsonObject Failing() => new()
    {
        ["type"] = "encrypt-decrypt",
        ["data"] = new JsonObject { ["messageId"] = Guid.NewGuid().ToString(), ["operation"] = "decrypt", ["content"] = Secret },
    };

    public static JsonObject Batch(int recipients, int chunkDelay = 0) => new()
    {
        ["type"] = "batch-send",
        ["data"] = new JsonObject
        {
            ["senderId"] = Guid.NewGuid().ToString(),
            ["recipientIds"] = new JsonArray([.. Enumerable.Range(0, recipients).Select(_ => (JsonNode)Guid.NewGuid().ToString())]),
            ["content"] = Secret,
            ["createConversations"] = true,
            ["chunkDelay"] = chunkDelay,
        },
    };

    /// <summary>Adds a job, waits for its end, and returns its id.</summary>
    public static async Task<string> AddAndWaitAsync(this CliSystem system, JsonNode job)
    {
        var tool = new Tool { Input = job.ToJsonString(), Variables = { ["WC_URL"] = system.Address.ToString(), ["WC_API_KEY"] = CliSystem.KeyOf("admin") } };
        return (await tool.RunAsync("add", "-", "--wait", "--json")).Json["jobId"]!.GetValue<string>();
    }

    /// <summary>Adds a job and returns its id.</summary>
    public static async Task<string> AddAsync(this CliSystem system, JsonNode job, params string[] args)
    {
        var tool = new Tool { Input = job.ToJsonString(), Variables = { ["WC_URL"] = system.Address.ToString(), ["WC_API_KEY"] = CliSystem.KeyOf("admin") } };
        return (await tool.RunAsync(["add", "-", .. args])).Well().Output.Trim();
    }
}
