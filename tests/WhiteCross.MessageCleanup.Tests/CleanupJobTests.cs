using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.MessageCleanup.Tests;

public sealed class CleanupJobOnSqliteTests() : CleanupJobTests(null);

public sealed class CleanupJobOnPostgresTests(PostgresServer postgres) : CleanupJobTests(postgres);

/// <summary>Jobs from their delivery to their end, against the real owner of the data.</summary>
public abstract class CleanupJobTests(PostgresServer? postgres) : IAsyncLifetime
{
    private static readonly DateTimeOffset Limit = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private Owner _owner = null!;
    private Peers _peers = null!;
    private CleanupService _service = null!;

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
    public async Task Old_messages__go_and_are_forgotten__what_is_just_as_old_as_the_limit_stays()
    {
        var old = await _owner.StoreAsync(7, Limit.AddMilliseconds(-1));
        var staying = new[] { await _owner.StoreAsync(Limit), await _owner.StoreAsync(Limit.AddDays(1)) };

        var job = await _service.RunAsync(new { cleanupType = "old_messages", olderThan = Limit, batchSize = 3 });

        Assert.Equal(JobState.Completed, job.State);
        Assert.Equal(
            JsonSerializer.SerializeToElement(new { cleanupType = "old_messages", dryRun = false, deleted = 7, batches = 3, olderThan = Limit }).GetRawText(),
            job.Result!.Value.GetRawText());
        Assert.Equal((100.0, 3, 3), (job.Progress.Percentage, job.Progress.CurrentStep, job.Progress.TotalSteps));
        Assert.Equal(staying.Order(), await _owner.MessagesAsync());
        Assert.Equal(old.Order(), _peers.Forgotten.Order());
        Assert.Equal(old.Order(), _peers.WithoutNotifications.Order());
    }

    [Fact]
    public async Task That_somebody_published__removes_nothing__a_dry_run_counts__and_what_the_gateway_added_is_done()
    {
        await using var service = await CleanupService.StartAsync(_peers.Address, ("Cleanup:AllowPublished", "false"));
        await _owner.StoreAsync(2, Limit.AddDays(-1));
        var data = JsonSerializer.SerializeToUtf8Bytes(new { cleanupType = "old_messages", olderThan = Limit });

        var published = await service.RunAsync(new { cleanupType = "old_messages", olderThan = Limit });
        Assert.Equal((JobState.Failed, JobErrorCodes.Permanent), (published.State, published.Error!.Code));
        Assert.Contains("Cleanup:AllowPublished", published.Error.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await _owner.MessagesAsync()).Length);
        Assert.Equal(JobState.Completed, (await service.RunAsync(new { cleanupType = "old_messages", olderThan = Limit, dryRun = true })).State);

        await service.Services.GetRequiredService<IJobPublisher>().AddAsync(
            JobQueues.MessageCleanup, new NewJob { JobId = "of-the-gateway", Type = JobTypes.CleanupMessages, Data = data, AddedBy = "an admin" }, TestContext.Current.CancellationToken);
        Assert.Equal(JobState.Completed, (await service.EndAsync("of-the-gateway")).State);
        Assert.Empty(await _owner.MessagesAsync());
    }

    [Theory]
    [InlineData("old_messages", 3)]
    [InlineData("deleted_conversations", 1)]
    [InlineData("expired_attachments", 2)]
    public async Task Dry_run__counts_and_leaves_everything(string type, int expected)
    {
        var conversation = Guid.NewGuid();
        await _owner.StoreAsync(2, Limit.AddDays(-1));
        await _owner.StoreAsync(Limit.AddDays(-2), conversation);
        await _owner.DeleteConversationAsync(conversation, Limit.AddDays(-1));
        await _owner.UploadAsync();
        await _owner.UploadAsync();
        var olderThan = type == "expired_attachments" ? TimeProvider.System.GetUtcNow().AddDays(-2) : Limit;

        var job = await _service.RunAsync(new { cleanupType = type, olderThan, batchSize = 1, dryRun = true });

        var result = job.Result!.Value;
        Assert.Equal((true, expected, 0), (result.GetProperty("dryRun").GetBoolean(), result.GetProperty("wouldDelete").GetInt32(), result.GetProperty("batches").GetInt32()));
        Assert.False(result.TryGetProperty("deleted", out _));
        Assert.Equal((3, 3, 2), ((await _owner.MessagesAsync()).Length, (await _owner.ConversationsAsync()).Length, _owner.AttachmentFiles.Count()));
        Assert.Empty(_peers.Removals);
        Assert.Empty(_peers.Forgotten);
    }

    [Fact]
    public async Task Filters__leave_everybody_elses_alone()
    {
        var (conversation, user) = (Guid.NewGuid(), Guid.NewGuid());
        var both = await _owner.StoreAsync(Limit.AddDays(-1), conversation, user);
        var others = new[] { await _owner.StoreAsync(Limit.AddDays(-1)), await _owner.StoreAsync(Limit.AddDays(-1), sender: user) };

        await _service.RunAsync(new { cleanupType = "old_messages", olderThan = Limit, conversationIds = new[] { conversation }, userIds = new[] { user } });

        Assert.Equal(others.Order(), await _owner.MessagesAsync());
        Assert.Equal([both], _peers.Forgotten);
    }

    [Fact]
    public async Task Deleted_conversations__go_with_their_messages__which_are_forgotten()
    {
        var (deleted, recent) = (Guid.NewGuid(), Guid.NewGuid());
        var gone = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            gone.Add(await _owner.StoreAsync(Limit, deleted));
        }

        var staying = new[] { await _owner.StoreAsync(Limit.AddDays(-9), recent), await _owner.StoreAsync(Limit.AddDays(-9)) };
        await _owner.DeleteConversationAsync(deleted, Limit.AddMilliseconds(-1));
        await _owner.DeleteConversationAsync(recent, Limit);

        var job = await _service.RunAsync(new { cleanupType = "deleted_conversations", olderThan = Limit, batchSize = 2 });

        Assert.Equal((1, 3), (job.Result!.Value.GetProperty("deleted").GetInt32(), job.Result.Value.GetProperty("batches").GetInt32()));
        Assert.Equal(staying.Order(), await _owner.MessagesAsync());
        Assert.DoesNotContain(deleted, await _owner.ConversationsAsync());
        Assert.Equal(gone.Order(), _peers.Forgotten.Order());
    }

    [Fact]
    public async Task Expired_attachments__go_with_their_files()
    {
        for (var i = 0; i < 3; i++)
        {
            await _owner.UploadAsync();
        }

        var kept = await _service.RunAsync(new { cleanupType = "expired_attachments" });
        Assert.Equal((0, 3), (kept.Result!.Value.GetProperty("deleted").GetInt32(), _owner.AttachmentFiles.Count()));
        var job = await _service.RunAsync(new { cleanupType = "expired_attachments", olderThan = TimeProvider.System.GetUtcNow().AddDays(-2), batchSize = 2 });

        Assert.Equal((3, 2), (job.Result!.Value.GetProperty("deleted").GetInt32(), job.Result.Value.GetProperty("batches").GetInt32()));
        Assert.Empty(_owner.AttachmentFiles);
    }

    [Fact]
    public async Task Owner_fails_in_the_middle__the_next_attempt_goes_on_there_and_removes_nothing_else()
    {
        await _owner.StoreAsync(6, Limit.AddDays(-1));
        var staying = await _owner.StoreAsync(Limit);
        var removals = 0;
        _peers.Before = (_, body) => Task.FromResult<int?>(
            body.TryGetProperty("dryRun", out var dryRun) && !dryRun.GetBoolean() && body.GetProperty("cursor").ValueKind == JsonValueKind.String && ++removals == 2 ? 500 : null);

        var job = await _service.RunAsync(new { cleanupType = "old_messages", olderThan = Limit, batchSize = 2 });

        Assert.Equal((JobState.Completed, 2), (job.State, job.AttemptsMade));
        Assert.Contains("message-delivery answered 500", job.Attempts[0].Error!.Message, StringComparison.Ordinal);
        Assert.Equal((6, 3), (job.Result!.Value.GetProperty("deleted").GetInt32(), job.Result.Value.GetProperty("batches").GetInt32()));
        Assert.Equal([staying], await _owner.MessagesAsync());
        var cursors = _peers.Removals.Select(removal => removal.GetProperty("cursor").GetString()).ToArray();
        Assert.Equal((3, 3), (cursors.Length, cursors.Distinct().Count()));
    }

    [Fact]
    public async Task Search_index_is_away__nothing_is_removed_before_it_has_forgotten()
    {
        var old = await _owner.StoreAsync(2, Limit.AddDays(-1));
        var isAway = true;
        Guid[]? leftMeanwhile = null;
        _peers.Before = async (appId, _) =>
        {
            if (appId != "message-indexing" || !isAway)
            {
                return null;
            }

            (isAway, leftMeanwhile) = (false, await _owner.MessagesAsync());
            return 404;
        };

        var job = await _service.RunAsync(new { cleanupType = "old_messages", olderThan = Limit });

        Assert.Equal((JobState.Completed, 2), (job.State, job.AttemptsMade));
        Assert.Equal(old.Order(), leftMeanwhile);
        Assert.Equal(old.Order(), _peers.Forgotten.Order());
        Assert.Empty(await _owner.MessagesAsync());
    }
}
