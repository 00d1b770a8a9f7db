using System.Net;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway.Tests;

/// <summary>Jobs of all queues by what they are about.</summary>
public sealed class FindTests
{
    private const string Message = "f6a1c9de-2b77-4c55-9a3e-1d2c3b4a5f33";
    private const string Sender = "8b1f4b1e-3c1d-4d3b-9a57-2f0c7c1d9e11";
    private const string Recipient = "2d3f9a4c-7f55-4f0a-8d0e-6c1b5a4e8f22";
    private const string Conversation = "0c9e8d7f-6a5b-4c3d-8e2f-1a0b9c8d7e44";

    [Theory]
    [InlineData("messageId", Message, "send", "index", "confirm")]
    [InlineData("recipientId", Recipient, "send", "confirm")]
    [InlineData("senderId", Sender, "send")]
    [InlineData("conversationId", Conversation, "send")]
    [InlineData("batchId", Sender, "8b1f4b1e-3c1d-4d3b-9a57-2f0c7c1d9e11:2d3f9a4c-7f55-4f0a-8d0e-6c1b5a4e8f22")]
    [InlineData("batchId", "the batch's", "round")]
    [InlineData("jobId", "index", "index")]
    [InlineData("tag", "ward 7", "send")]
    [InlineData("messageId", "F6A1C9DE-2B77-4C55-9A3E-1D2C3B4A5F33", "send", "index", "confirm")]
    [InlineData("recipientId", Message)]
    public async Task They_are_found_in_all_queues_without_what_they_are_about(string by, string value, params string[] jobs)
    {
        await using var gateway = await GatewayHost.StartAsync();
        await AddAsync(gateway, "message-delivery", $$$"""{"jobId":"send","type":"send-message","options":{"tags":["ward 7","x"]},"data":{"MessageId":"{{{Message}}}","senderId":"{{{Sender}}}","recipientId":"{{{Recipient}}}","conversationId":"{{{Conversation}}}","content":"hello"}}""");
        await AddAsync(gateway, "message-delivery", $$$"""{"jobId":"confirm","type":"delivery-confirmation","data":{"messageId":"{{{Message}}}","recipientId":"{{{Recipient}}}","status":"read"}}""");
        await AddAsync(gateway, "message-indexing", $$$"""{"jobId":"index","data":{"messageId":"{{{Message}}}","operation":"delete"}}""");
        await AddAsync(gateway, "message-delivery", $$$"""{"jobId":"{{{Sender}}}:{{{Recipient}}}","type":"send-message","data":{"messageId":"{{{Guid.NewGuid()}}}","senderId":"{{{Guid.NewGuid()}}}","recipientId":"{{{Guid.NewGuid()}}}","conversationId":"{{{Guid.NewGuid()}}}","content":"hello"}}""");

        await AddAsync(gateway, "batch-message-sending", $$$"""{"jobId":"round","data":{"senderId":"{{{Guid.NewGuid()}}}","recipientIds":["{{{Guid.NewGuid()}}}"],"content":"hello","createConversations":true}}""");
        value = value == "the batch's" ? BatchSendJob.BatchIdOf("round").ToString() : value;

        var (status, found) = await gateway.GetAsync($"/queue/jobs?{by}={Uri.EscapeDataString(value)}");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(jobs.Order(), found!["jobs"]!.AsArray().Select(job => (string)job!["jobId"]!).Order());
        Assert.DoesNotContain("hello", found.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("priority=HIGH", "urgent")]
    [InlineData("priority=NORMAL", "usual")]
    [InlineData("state=delayed", "usual")]
    [InlineData("text=urg", "urgent")]
    [InlineData("from=2100-01-01T00:00:00Z")]
    [InlineData("to=2100-01-01T00:00:00Z", "urgent", "usual")]
    public async Task They_are_filtered_as_the_jobs_of_a_queue_are(string filter, params string[] jobs)
    {
        await using var gateway = await GatewayHost.StartAsync();
        foreach (var (id, options) in ((string, string)[])[("urgent", """{"tags":["x"],"priority":"HIGH"}"""), ("usual", """{"tags":["x"],"delay":3600000}""")])
        {
            using var answer = await gateway.PostAsync("/queue/message-delivery/jobs", GatewayHost.Message(id, options));
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }

        var (_, found) = await gateway.GetAsync($"/queue/jobs?tag=x&{filter}");

        Assert.Equal(jobs, found!["jobs"]!.AsArray().Select(job => (string)job!["jobId"]!).Order());
    }

    [Theory]
    [InlineData("tag=x&priority=most", "priority")]
    [InlineData("tag=x&from=yesterday", "from")]
    [InlineData("", "$")]
    [InlineData("messageId=1", "messageId")]
    [InlineData("messageId=f6a1c9de-2b77-4c55-9a3e-1d2c3b4a5f33&tag=x", "$")]
    [InlineData("tag=x&state=gone", "state")]
    [InlineData("tag=x&limit=0", "limit")]
    [InlineData("message=x", "message")]
    public async Task What_is_asked_wrongly_is_named(string query, string field)
    {
        await using var gateway = await GatewayHost.StartAsync();
        var (status, problem) = await gateway.GetAsync($"/queue/jobs?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(field, problem!["errors"]!.AsObject().Select(error => error.Key));
    }

    [Theory]
    [InlineData("""["1","2","3","4","5","6","7","8","9","10","11"]""")]
    [InlineData("""[""]""")]
    [InlineData("""[1]""")]
    public async Task Tags_that_are_too_many_or_none_are_refused(string tags)
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var answer = await gateway.PostAsync("/queue/message-delivery/jobs", GatewayHost.Message("a", $$"""{"tags":{{tags}}}"""));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("options.tags", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task AddAsync(GatewayHost gateway, string queue, string json)
    {
        using var answer = await gateway.PostAsync($"/queue/{queue}/jobs", JsonNode.Parse(json)!.ToJsonString());
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }
}
