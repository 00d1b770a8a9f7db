using System.Globalization;
using Dapr.Client;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>Recipients as an upload to the gateway.</summary>
public sealed class UploadTests(RedisServer redis)
{
    private static readonly Guid Sender = Guid.NewGuid();

    private static object Job(string content = "Hello {{name}}", string? jobId = null) =>
        new { jobId, data = new { senderId = Sender, content, chunkSize = 1000, chunkDelay = 0 } };

    private static string Ndjson(IEnumerable<Guid> recipients) =>
        string.Join('\n', recipients.Select((id, i) => $$$"""{"recipientId":"{{{id}}}","variables":{"name":"n{{{i}}}"}}"""));

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Thousands_of_recipients_are_uploaded_and_sent_to(bool onRedis, bool recipientsFirst)
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground(onRedis ? redis : null));
        var ids = Some.Ids(2500);
        var (status, answer) = await system.UploadAsync(Job(), Ndjson(ids), recipientsFirst: recipientsFirst);
        Assert.True(status == 202, answer?.ToJsonString());
        var record = await system.Batch.EndOfAsync((string)answer!["jobId"]!);
        Assert.Null(record.Error);
        Assert.Equal((JobState.Completed, 2500), (record.State, record.Result!.Value.GetProperty("processedCount").GetInt32()));
        Assert.Equal(2500, await system.Batch.MessagesAsync());
        Assert.False(record.Data.TryGetProperty("recipientIds", out var inline) && inline.GetArrayLength() > 0);
        var batchId = record.Result!.Value.GetProperty("batchId").GetGuid();
        Assert.Equal("Hello n2499", (await system.Batch.SentAsync(batchId, ids[2499])).Content);
        Assert.Equal(0, await StoredAsync(system, record));
    }

    [Fact]
    public async Task One_who_gives_up_while_the_job_is_being_added_harms_no_batch()
    {
        HoldingStore? store = null;
        await using var system = await GatewayAndBatch.StartAsync(new Ground(), inner => (store = HoldingStore.Over(inner)).Store);
        using var patience = new CancellationTokenSource();
        var upload = system.UploadAsync(Job(jobId: "given-up"), Ndjson(Some.Ids(3)), patience: patience.Token);
        await store!.Reached.WaitAsync(TimeSpan.FromSeconds(60), BatchService.Cancellation);

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
        store.Release();

        var record = await system.Batch.EndOfAsync("given-up");
        Assert.Equal((JobState.Completed, 3), (record.State, record.Result!.Value.GetProperty("processedCount").GetInt32()));
    }

    [Theory]
    [InlineData("{\"recipientid\":\"ID\"}", null)]
    [InlineData("{\"recipientId\":\"ID\",\"contents\":\"x\"}", "contents is not known here; did you mean content?")]
    [InlineData("{\"recipientId\":\"ID\",\"content\":\"x\",\"Content\":\"y\"}", "content is given twice")]
    public async Task Names_in_lines_are_read_in_any_case_and_refused_where_they_are_not_known(string line, string? error)
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());

        var (status, answer) = await system.UploadAsync(Job("Hello"), line.Replace("ID", $"{Guid.NewGuid()}", StringComparison.Ordinal));

        Assert.Equal(error is null ? 202 : 400, status);
        Assert.Contains(error ?? "jobId", answer!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_has_cells_in_quotes_and_columns_for_variables()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        var ids = Some.Ids(4);
        var csv = $"recipientId,content,conversationId,var.name\r\n{ids[0]},,,Ann\r\n{ids[1]},\"Dear \"\"{{{{name}}}}\"\",\nhello\",,\"B, C\"\r\n\r\n{ids[2]},,{ids[3]},Cy\r\n";
        system.Batch.Conversations.Know(ids[3], Sender, ids[2]);
        var (status, answer) = await system.UploadAsync(Job(), csv, "text/csv; charset=utf-8");
        Assert.Equal(202, status);
        var record = await system.Batch.EndOfAsync((string)answer!["jobId"]!);
        var batchId = record.Result!.Value.GetProperty("batchId").GetGuid();
        Assert.Equal("Hello Ann", (await system.Batch.SentAsync(batchId, ids[0])).Content);
        Assert.Equal("Dear \"B, C\",\nhello", (await system.Batch.SentAsync(batchId, ids[1])).Content);
        Assert.Equal(ids[3], (await system.Batch.SentAsync(batchId, ids[2])).ConversationId);
    }

    [Theory]
    [InlineData("recipientId;var.name;;\r\nID;Jürgen;;\r\n", "text/csv", false)]
    [InlineData("recipientId;var.name\r\nID;Jürgen\r\n", "text/csv", true)]
    [InlineData("recipientId\tvar.name\r\nID\tJürgen\r\n", "text/tab-separated-values", false)]
    [InlineData("sep=;\r\nrecipientId;var.name\r\nID;Jürgen\r\n", "application/vnd.ms-excel", false)]
    [InlineData("\uFEFFrecipientId,var.name,,,\r\nID,\"Jürgen\",,,\r\n,,,,\r\n", "text/csv", false)]
    [InlineData("recipientId;recipientEmail;var.name\r\nID;j@example.org;Jürgen\r\n", "text/csv", false)]
    public async Task Csv_as_offices_write_it(string csv, string contentType, bool isLatin1)
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        var id = Guid.NewGuid();

        var (status, answer) = await system.UploadAsync(
            Job(), csv.Replace("ID", $"{id}", StringComparison.Ordinal), contentType, encoding: isLatin1 ? System.Text.Encoding.Latin1 : null);

        Assert.True(status == 202, answer?.ToJsonString());
        var record = await system.Batch.EndOfAsync((string)answer!["jobId"]!);
        var sent = await system.Batch.SentAsync(record.Result!.Value.GetProperty("batchId").GetGuid(), id);
        Assert.Equal("Hello Jürgen", sent.Content);
        Assert.Equal(csv.Contains('@', StringComparison.Ordinal) ? "j@example.org" : null, sent.Metadata!.TryGetValue("recipientEmail", out var email) ? email.GetString() : null);
    }

    [Theory]
    [InlineData("\\ud83d")]
    [InlineData("a\\udc00b")]
    public async Task Half_a_surrogate_pair_in_a_line__is_named(string half)
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());

        var (status, answer) = await system.UploadAsync(Job("Hello"), $"{{\"recipientId\":\"{Guid.NewGuid()}\",\"content\":\"{half}\"}}");

        Assert.Equal(400, status);
        Assert.StartsWith("line 1:", (string)answer!["errors"]!["recipients"]![0]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_lines_are_named_by_their_numbers_and_nothing_is_added_or_left_behind()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        var ids = Some.Ids(1200);
        var lines = Ndjson(ids).Split('\n').ToList();
        lines[1099] = lines[3];
        lines[1100] = "{\"recipientId\":\"x\"}";
        lines[1101] = "no json";
        lines[1102] = $"{{\"recipientId\":\"{Guid.NewGuid()}\",\"content\":\"\"}}";
        lines.Insert(0, string.Empty);
        var (status, answer) = await system.UploadAsync(Job(), string.Join("\r\n", lines));
        Assert.Equal(400, status);
        Assert.Equal(
            [
                "line 1101: recipientId occurs before: recipients must be distinct.",
                "line 1102: recipientId must be a UUID.",
                "line 1103: is not a JSON object.",
                "line 1104: content must be text of 1 to 10000 characters without U+0000.",
            ],
            answer!["errors"]!["recipients"]!.AsArray().Select(error => (string)error!));
        Assert.Equal(0, (await system.Batch.Store.GetMetricsAsync([JobQueues.BatchMessageSending], BatchService.Cancellation))[0].Added);
    }

    [Theory]
    [InlineData("recipientId,var.name\nID1,Ann\nID2,\n\nID3,  Bo\nID4,\n", "text/csv", "line 3", "line 6")]
    [InlineData("sep=;\nrecipientId;var.name;var.other\nID1;;x\nID2;Ben;\n", "application/vnd.ms-excel", "line 3")]
    [InlineData("{\"recipientId\":\"ID1\",\"variables\":{\"name\":null}}\n{\"recipientId\":\"ID2\",\"variables\":{\"name\":\"\"}}\n{\"recipientId\":\"ID3\"}", "application/x-ndjson", "line 1", "line 3")]
    public async Task What_a_line_does_not_give_is_told_with_its_number_before_anything_is_added(string recipients, string contentType, params string[] lines)
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        for (var i = 1; i <= 4; i++)
        {
            recipients = recipients.Replace($"ID{i}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
        }

        var (status, answer) = await system.UploadAsync(Job("Dear {{name}}"), recipients, contentType);

        Assert.Equal(400, status);
        var errors = answer!["errors"]!["recipients"]!.AsArray().Select(error => (string)error!).ToList();
        Assert.Equal(lines, errors.Select(error => error.Split(':')[0]));
        Assert.All(errors, error => Assert.Contains("The variable 'name' has no value", error, StringComparison.Ordinal));
        Assert.Equal(0, (await system.Batch.Store.GetMetricsAsync([JobQueues.BatchMessageSending], BatchService.Cancellation))[0].Added);

        // By a default or for all of them, it has one.
        Assert.Equal(202, (await system.UploadAsync(Job("Dear {{name | default: \"patient\"}}"), recipients, contentType)).Status);
    }

    [Fact]
    public async Task A_text_that_is_not_understood_is_told_before_anything_is_added()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());

        var (status, answer) = await system.UploadAsync(Job("Dear {{first name}}"), Ndjson(Some.Ids(2)));

        Assert.Equal(400, status);
        Assert.Equal("data.content", answer!["errors"]!.AsObject().Single().Key);
    }

    [Fact]
    public async Task At_most_a_hundred_errors_are_shown()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        var (status, answer) = await system.UploadAsync(Job(), string.Concat(Enumerable.Repeat("wrong\n", 5000)));
        Assert.Equal((400, 101), (status, answer!["errors"]!["recipients"]!.AsArray().Count));
    }

    [Theory]
    [InlineData("name\nx", "line 1: must name the columns, recipientId among them.")]
    [InlineData("recipientId,phone\n", "line 1: has a column 'phone'; there are recipientId, content, conversationId, recipientEmail and var.<name>.")]
    [InlineData("recipientId,content\n\"x", "line 2: has a quote that is not closed.")]
    [InlineData("recipientId,content\n\"x\"y,z", "line 2: has text behind a closing quote.")]
    [InlineData("recipientId,content\nx", "line 2: has 1 cells, the first row 2.")]
    [InlineData("recipientId\nx", "line 2: recipientId must be a UUID.")]
    [InlineData("recipientId", "has no recipients: at least 1 is needed.")]
    [InlineData("", "has no recipients: at least 1 is needed.")]
    public async Task Wrong_csv_is_told(string csv, string error)
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        var (status, answer) = await system.UploadAsync(Job(), csv, "text/csv");
        Assert.Equal((400, error), (status, (string)answer!["errors"]!["recipients"]![0]!));
    }

    [Fact]
    public async Task A_line_beyond_the_limit_is_told_without_being_held()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        var (status, answer) = await system.UploadAsync(Job(), new string('x', 3_000_000) + "\n" + Ndjson(Some.Ids(2)) + "\nx");
        Assert.Equal(400, status);
        Assert.Equal(["line 1: is longer than 128 KiB.", "line 4: is not a JSON object."], answer!["errors"]!["recipients"]!.AsArray().Select(error => (string)error!));
    }

    [Fact]
    public async Task The_job_is_judged_as_any_other_and_must_leave_the_recipients_to_the_upload()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        var lines = Ndjson(Some.Ids(2));
        var (noContent, errors) = await system.UploadAsync(Job(content: string.Empty), lines);
        Assert.Equal((400, true), (noContent, errors!["errors"]!["data.content"] is not null || errors["errors"]!["content"] is not null));
        var (own, taken) = await system.UploadAsync(new { data = new { senderId = Sender, content = "x", recipientIds = Some.Ids(1) } }, lines);
        Assert.Equal((400, true), (own, taken!["errors"]!["data.recipientIds"] is not null));
        Assert.Equal(400, (await system.UploadAsync("no json", lines)).Status);
        Assert.Equal(400, (await system.UploadAsync(Job(), lines, "text/plain")).Status);
        Assert.Equal(0, (await system.Batch.Store.GetMetricsAsync([JobQueues.BatchMessageSending], BatchService.Cancellation))[0].Added);
    }

    [Fact]
    public async Task The_same_job_again_gets_the_first_ones_record_and_its_upload_is_removed()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        var lines = Ndjson(Some.Ids(3));
        Assert.Equal(202, (await system.UploadAsync(Job(jobId: "once"), lines)).Status);
        await system.Batch.EndOfAsync("once");
        var (status, answer) = await system.UploadAsync(Job(jobId: "once"), Ndjson(Some.Ids(3)));
        Assert.Equal((200, "completed"), (status, (string)answer!["state"]!));
        Assert.Equal(3, await system.Batch.MessagesAsync());
    }

    [Fact]
    public async Task An_upload_that_is_not_there_fails_the_batch()
    {
        await using var service = await BatchService.StartAsync();
        var record = await service.RunAsync(new BatchSendJob { SenderId = Sender, Content = "x", RecipientsRef = Guid.NewGuid(), RecipientCount = 3 });
        Assert.Equal(JobErrorCodes.Permanent, record.Error!.Code);
        Assert.Contains("recipientsRef", record.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_batch_service_nothing_is_added()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        await system.Batch.StopAppAsync();
        var (status, _) = await system.UploadAsync(Job(), Ndjson(Some.Ids(3)));
        Assert.Equal(503, status);
        await system.Batch.StartAppAsync();
        Assert.Equal(0, (await system.Batch.Store.GetMetricsAsync([JobQueues.BatchMessageSending], BatchService.Cancellation))[0].Added);
    }

    /// <summary>How much is left of a job's upload.</summary>
    private static async Task<int> StoredAsync(GatewayAndBatch system, JobRecord record)
    {
        var dapr = system.Batch.Services.GetRequiredService<DaprClient>();
        var upload = record.Data.GetProperty("recipientsRef").GetGuid();
        var found = 0;
        foreach (var key in Enumerable.Range(0, 4).Select(i => string.Create(CultureInfo.InvariantCulture, $"upload:{upload}:{i}")).Append($"upload:{upload}"))
        {
            found += await dapr.GetStateAsync<object?>("statestore", key, cancellationToken: BatchService.Cancellation) is null ? 0 : 1;
        }

        return found;
    }
}
