using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.Testing;
using WhiteCross.Testing;

namespace WhiteCross.MessageCleanup.Tests;

public sealed class PersonErasureJobOnSqliteTests() : PersonErasureJobTests(null);

public sealed class PersonErasureJobOnPostgresTests(PostgresServer postgres) : PersonErasureJobTests(postgres);

/// <summary>One person's erasure as a job, against the real owner of messages: in one go, over every crash, and not at all under a legal hold.</summary>
public abstract class PersonErasureJobTests(PostgresServer? postgres) : IAsyncLifetime
{
    private readonly Guid _ann = Guid.NewGuid();
    private readonly Guid _nurse = Guid.NewGuid();
    private readonly Guid _bob = Guid.NewGuid();
    private Owner _owner = null!;
    private Peers _peers = null!;
    private CleanupService _service = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _owner = await Owner.StartAsync(postgres);
        _peers = await Peers.StartAsync(_owner.Address);
        _service = await CleanupService.StartAsync(_peers.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _peers.DisposeAsync();
        await _owner.DisposeAsync();
    }

    [Fact]
    public async Task Erasure__removes_everything_of_the_person__reports_it_by_kind__and_leaves_others_alone()
    {
        var (hers, kept) = await FillAsync();
        await AddAsync(JobQueues.MessageDelivery, JobTypes.SendMessage, new { messageId = Guid.NewGuid(), senderId = _ann, recipientId = _nurse, conversationId = Guid.NewGuid(), content = "x" });
        await AddAsync(JobQueues.MessageNotification, JobTypes.SendNotification, new { recipientId = _ann, type = "in_app", title = "a", message = "b" });
        await AddAsync(JobQueues.MessageEncryption, JobTypes.EncryptDecrypt, new { messageId = hers[0], operation = "encrypt", content = "x" });
        var ofOthers = await AddAsync(JobQueues.MessageNotification, JobTypes.SendNotification, new { recipientId = _bob, type = "in_app", title = "a", message = "b" });
        var batch = await AddAsync(JobQueues.BatchMessageSending, JobTypes.BatchSend, new { senderId = _nurse, recipientIds = new[] { _ann, _bob }, content = "x" });

        var dry = await _service.RunAsync(new { cleanupType = "person", userIds = new[] { _ann }, dryRun = true });
        var job = await _service.RunAsync(new { cleanupType = "person", userIds = new[] { _ann } });

        var expected = new
        {
            cleanupType = "person",
            dryRun = false,
            messages = 2,
            copies = 0,
            attachments = 1,
            conversations = 1,
            notifications = 2,
            devices = 1,
            contacts = 0,
            preferences = 0,
            jobs = 3,
            batches = 1,
            held = 0,
            suppressions = 0,
        };
        Assert.Equal(JsonSerializer.SerializeToElement(expected).GetRawText(), job.Result!.Value.GetRawText());
        Assert.Equal(JsonSerializer.SerializeToElement(expected).GetRawText().Replace("\"dryRun\":false", "\"dryRun\":true", StringComparison.Ordinal), dry.Result!.Value.GetRawText());
        Assert.Equal([kept], await _owner.MessagesAsync());
        Assert.Empty(_owner.AttachmentFiles);
        Assert.Equal(hers.Order(), _peers.Forgotten.Order());
        Assert.Equal(hers.Order(), _peers.WithoutNotifications.Order());
        Assert.NotNull(await _service.Store.GetAsync(JobQueues.MessageNotification, ofOthers, Token));
        Assert.NotNull(await _service.Store.GetAsync(JobQueues.BatchMessageSending, batch, Token));
    }

    [Theory]
    [InlineData("jobs 1")]
    [InlineData("messages 1")]
    [InlineData("attachments 1")]
    [InlineData("conversations 1")]
    [InlineData("notifications")]
    [InlineData("late jobs 1")]
    public async Task Process_dies_in_a_part_before_it_is_on_record__the_next_attempt_erases_the_rest(string step)
    {
        var (hers, kept) = await FillAsync();
        var reports = new JobReports();
        reports.LosesOnce(step);
        await Assert.ThrowsAsync<IOException>(() => AttemptAsync(reports));

        var outcome = await AttemptAsync(reports);

        Assert.IsType<ErasureResult>(Assert.IsType<JobOutcome.Completed>(outcome).Result);
        Assert.Equal([kept], await _owner.MessagesAsync());
        Assert.Empty(_owner.AttachmentFiles);
        Assert.Superset(hers.ToHashSet(), _peers.Forgotten.ToHashSet());
        Assert.DoesNotContain(kept, _peers.Forgotten);
    }

    [Fact]
    public async Task Dies_between_forgetting_and_removing__is_forgotten_again_and_then_removed()
    {
        var (hers, kept) = await FillAsync();
        var calls = 0;
        _peers.Before = (appId, body) => Task.FromResult<int?>(
            appId == "message-delivery" && body.TryGetProperty("dryRun", out var dry) && !dry.GetBoolean() && Interlocked.Increment(ref calls) == 1 ? 500 : null);
        var reports = new JobReports();
        await Assert.ThrowsAsync<HttpRequestException>(() => AttemptAsync(reports));
        Assert.Equal(hers.Order(), _peers.Forgotten.Distinct().Order());
        Assert.Equal(3, (await _owner.MessagesAsync()).Length);

        Assert.IsType<JobOutcome.Completed>(await AttemptAsync(reports));
        Assert.Equal([kept], await _owner.MessagesAsync());
    }

    [Fact]
    public async Task Job_of_the_person_that_runs__is_waited_for__and_removed_when_it_has_ended()
    {
        var running = await AddAsync(JobQueues.MessageNotification, JobTypes.SendNotification, new { recipientId = _ann, type = "in_app", title = "a", message = "b" });
        var run = (await _service.Store.BeginAsync(JobQueues.MessageNotification, [new BeginRequest(running)], Token))[0].Run!;
        var reports = new JobReports();

        Assert.IsType<JobOutcome.Snooze>(await AttemptAsync(reports));
        await _service.Store.FinishAsync(JobQueues.MessageNotification, [new RunEnd(run.Key, RunEndKind.Completed)], Token);
        var result = Assert.IsType<ErasureResult>(Assert.IsType<JobOutcome.Completed>(await AttemptAsync(reports)).Result);

        Assert.Equal(1, result.Jobs);
        Assert.Null(await _service.Store.GetAsync(JobQueues.MessageNotification, running, Token));
    }

    [Fact]
    public async Task Under_a_legal_hold__the_job_fails_and_says_so__and_nothing_goes()
    {
        await FillAsync();
        await _owner.HoldAsync(_ann);

        var job = await _service.RunAsync(new { cleanupType = "person", userIds = new[] { _ann } });

        Assert.Equal((JobState.Failed, 1), (job.State, job.AttemptsMade));
        Assert.StartsWith("userIds: this person is under a legal hold.", job.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await _owner.MessagesAsync()).Length);
        Assert.Empty(_peers.Forgotten);
    }

    [Theory]
    [InlineData("""{"cleanupType":"person"}""", "data.userIds")]
    [InlineData("""{"cleanupType":"person","userIds":[]}""", "data.userIds")]
    [InlineData("""{"cleanupType":"person","userIds":["0190a0b0-0000-7000-8000-00000000000a","0190a0b0-0000-7000-8000-00000000000b"]}""", "data.userIds")]
    [InlineData("""{"cleanupType":"person","userIds":["0190a0b0-0000-7000-8000-00000000000a"],"retentionDays":5}""", "data.retentionDays")]
    [InlineData("""{"cleanupType":"person","userIds":["0190a0b0-0000-7000-8000-00000000000a"],"conversationIds":[]}""", "data.conversationIds")]
    [InlineData("""{"cleanupType":"old_messages","olderThan":"2026-01-01T00:00:00Z","retentionDays":5}""", "data.olderThan")]
    public void What_does_not_say_one_person_whole__is_refused_by_its_field(string data, string field) => Assert.Equal(
        [field],
        JobEnvelopeReader.Default.Read(JobQueues.Get(JobQueues.MessageCleanup), System.Text.Encoding.UTF8.GetBytes($$"""{"data":{{data}} }""")).Errors.Keys);

    private async Task<(Guid[] Hers, Guid Kept)> FillAsync()
    {
        var conversation = Guid.NewGuid();
        Guid[] hers = [await _owner.StoreAsync(_ann, _nurse, conversation), await _owner.StoreAsync(_nurse, _ann, conversation)];
        await _owner.UploadAsync(_ann);
        return (hers, await _owner.StoreAsync(_nurse, _bob, Guid.NewGuid()));
    }

    private async Task<string> AddAsync(string queue, string type, object data)
    {
        var envelope = JsonSerializer.SerializeToUtf8Bytes(new { jobId = Guid.NewGuid(), type, data });
        var reading = JobEnvelopeReader.Default.Read(JobQueues.Get(queue), envelope);
        Assert.True(reading.IsValid, string.Join(' ', reading.Errors.Select(error => error.Key)));
        var job = NewJobFactory.Create(reading, JobQueues.DefaultOptions(queue), "none", null);
        await _service.Store.AddAsync(queue, [job], Token);
        return job.JobId;
    }

    private async Task<JobOutcome> AttemptAsync(JobReports reports)
    {
        await using var scope = _service.Services.CreateAsyncScope();
        var data = new CleanupMessagesJob { CleanupType = CleanupType.Person, UserIds = [_ann] };
        return await new TestJob<CleanupMessagesJob>(data, reports).RunAsync(scope.ServiceProvider.GetRequiredService<PersonErasure>().HandleAsync, Token);
    }
}
