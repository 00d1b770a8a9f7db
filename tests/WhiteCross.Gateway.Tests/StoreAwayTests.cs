using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>When the job store's answer is missing, the answer says what was done, that nothing was, or that it is not known: never a guess.</summary>
public sealed class StoreAwayTests
{
    private const string Queue = JobQueues.MessageDelivery;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string?, string, string> Changes => new()
    {
        { "POST", $"/queue/{Queue}/jobs/x/retry", null, nameof(IJobStore.RetryAsync), "job 'x' was retried" },
        { "POST", $"/queue/{Queue}/jobs/x/promote", null, nameof(IJobStore.PromoteAsync), "job 'x' was promoted" },
        { "POST", $"/queue/{Queue}/jobs/x/cancel", null, nameof(IJobStore.CancelAsync), "job 'x' was cancelled" },
        { "DELETE", $"/queue/{Queue}/jobs/x", null, nameof(IJobStore.RemoveAsync), "job 'x' was removed" },
        { "POST", $"/queue/{Queue}/failed/retry", null, nameof(IJobStore.RetryAsync), "failed jobs were retried" },
        { "POST", $"/queue/{Queue}/pause", null, nameof(IJobStore.PauseAsync), $"queue {Queue} was paused" },
        { "POST", $"/queue/{Queue}/resume", null, nameof(IJobStore.ResumeAsync), $"queue {Queue} was resumed" },
        { "POST", $"/queue/{Queue}/clean", null, nameof(IJobStore.CleanAsync), "old jobs were removed" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Every_change__says_whether_it_is_unknown_in_its_own_words(string method, string path, string? body, string call, string what)
    {
        LostStore? store = null;
        await using var gateway = await GatewayHost.StartAsync(inner => (store = LostStore.Over(inner, call)).Store);

        store!.IsWithoutEffect = false;
        var unknown = await SendAsync(gateway, method, path, body);
        Assert.Equal("unknown", unknown["outcome"]!.GetValue<string>());
        Assert.Contains($"it is unknown whether {what}", Detail(unknown), StringComparison.Ordinal);
        Assert.DoesNotContain("nothing was", Detail(unknown), StringComparison.Ordinal);

        store.IsWithoutEffect = true;
        var none = await SendAsync(gateway, method, path, body);
        Assert.Equal("none", none["outcome"]!.GetValue<string>());
        Assert.Contains("nothing was changed", Detail(none), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_add_without_an_id__names_the_one_that_was_made_and_with_it_is_added_once()
    {
        LostStore? store = null;
        await using var gateway = await GatewayHost.StartAsync(inner => (store = LostStore.Over(inner, nameof(IJobStore.AddAsync), isDone: true)).Store);
        var message = GatewayHost.Message();

        var unknown = await SendAsync(gateway, "POST", $"/queue/{Queue}/jobs", message);
        var jobId = unknown["jobId"]!.GetValue<string>();
        Assert.Contains($"it is unknown whether job '{jobId}' was added", Detail(unknown), StringComparison.Ordinal);
        Assert.NotNull(await gateway.Store.GetAsync(Queue, jobId, Cancellation));

        store!.IsLosing = false;
        using var again = await gateway.PostAsync($"/queue/{Queue}/jobs", message.Replace("\"type\"", $"\"jobId\":\"{jobId}\",\"type\"", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(1, (await gateway.GetAsync($"/queue/{Queue}/metrics")).Body!["waiting"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_bulk__names_the_id_of_each_job()
    {
        await using var gateway = await GatewayHost.StartAsync(inner => LostStore.Over(inner, nameof(IJobStore.AddAsync), isDone: true).Store);

        var unknown = await SendAsync(gateway, "POST", $"/queue/{Queue}/jobs/bulk", $$"""{"jobs":[{{GatewayHost.Message("mine")}},{"type":"no"},{{GatewayHost.Message()}}]}""");

        var jobs = unknown["jobs"]!.AsArray();
        Assert.Equal([0, 2], jobs.Select(job => job!["index"]!.GetValue<int>()));
        Assert.Equal("mine", jobs[0]!["jobId"]!.GetValue<string>());
        Assert.NotNull(await gateway.Store.GetAsync(Queue, jobs[1]!["jobId"]!.GetValue<string>(), Cancellation));
    }

    [Fact]
    public async Task What_is_done_and_cannot_be_shown__is_told_as_done()
    {
        await using var gateway = await GatewayHost.StartAsync(inner => LostStore.Over(inner, nameof(IJobStore.GetAsync)).Store);
        using var added = await gateway.PostAsync($"/queue/{Queue}/jobs", GatewayHost.Message("a"));

        var done = await SendAsync(gateway, "POST", $"/queue/{Queue}/jobs/a/cancel", null);

        Assert.Equal("done", done["outcome"]!.GetValue<string>());
        Assert.Contains("job 'a' was cancelled", Detail(done), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"/queue/{Queue}/jobs")]
    [InlineData($"/queue/{Queue}/jobs/a")]
    [InlineData("/queue/metrics")]
    public async Task A_page_that_only_reads__says_nothing_of_adding(string path)
    {
        await using var gateway = await GatewayHost.StartAsync(GatewayTests.AwayStore.Over);

        var away = await SendAsync(gateway, "GET", path, null);

        Assert.DoesNotContain("added", Detail(away), StringComparison.Ordinal);
        Assert.Null(away["outcome"]);
    }

    [Fact]
    public async Task Every_endpoint_that_changes_anything__has_its_words()
    {
        await using var gateway = await GatewayHost.StartAsync();

        var names = gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/queue/", StringComparison.Ordinal)
                && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Any(method => method != "GET"))
            .Select(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName)
            .Where(name => name != "RevealJob");

        Assert.Empty(names.Except(StoreAwayTexts.Names));
    }

    [Theory]
    [InlineData(JobRemains.Completed, HttpStatusCode.OK, "completed")]
    [InlineData(JobRemains.Failed, HttpStatusCode.OK, "failed")]
    [InlineData(JobRemains.Removed, HttpStatusCode.Gone, "removed")]
    public async Task An_id_that_left_only_a_tombstone__tells_what_became_of_it(JobRemains remains, HttpStatusCode status, string word)
    {
        var state = remains == JobRemains.Completed ? JobState.Completed : JobState.Failed;
        await using var gateway = await GatewayHost.StartAsync(inner => KnownStore.Over(inner, new AddResult(AddOutcome.Ended, state, NeedsEvent: false, remains)));

        using var answer = await gateway.PostAsync($"/queue/{Queue}/jobs", GatewayHost.Message("a"));
        using var bulk = await gateway.PostAsync($"/queue/{Queue}/jobs/bulk", $$"""{"jobs":[{{GatewayHost.Message("a")}}]}""");

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(word, (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["remains"]!.GetValue<string>());
        var list = (await bulk.Content.ReadFromJsonAsync<JsonNode>(Cancellation))![remains == JobRemains.Removed ? "rejected" : "accepted"]![0]!;
        Assert.Equal(0, list["index"]!.GetValue<int>());
        Assert.Contains(word, list.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "same")]
    [InlineData(false, "other")]
    public async Task A_known_id_in_a_bulk__is_told_apart_from_a_new_one(bool hasSameData, string known)
    {
        await using var gateway = await GatewayHost.StartAsync(inner => KnownStore.Over(
            inner, new AddResult(AddOutcome.Exists, JobState.Waiting, NeedsEvent: false, SameData: hasSameData), new AddResult(AddOutcome.Added, JobState.Waiting, NeedsEvent: false)));

        using var answer = await gateway.PostAsync($"/queue/{Queue}/jobs/bulk", $$"""{"jobs":[{{GatewayHost.Message("a")}},{{GatewayHost.Message("b")}}]}""");

        var accepted = (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["accepted"]!;
        Assert.Equal((known, "waiting"), (accepted[0]!["known"]!.GetValue<string>(), accepted[0]!["state"]!.GetValue<string>()));
        Assert.False(accepted[1]!.AsObject().ContainsKey("known"));
    }

    private static string Detail(JsonNode problem) => problem["detail"]!.GetValue<string>();

    private static async Task<JsonNode> SendAsync(GatewayHost gateway, string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        }

        using var answer = await gateway.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(answer.Headers.RetryAfter);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
    }

    /// <summary>A store that loses the answers to one call: it was done, or not even sent.</summary>
    public class LostStore : DispatchProxy
    {
        private IJobStore? _inner;
        private string? _call;
        private bool _isDone;

        public bool IsLosing { get; set; } = true;

        public bool IsWithoutEffect { get; set; }

        /// <summary>The store itself, for the gateway.</summary>
        public IJobStore Store => (IJobStore)(object)this;

        public static LostStore Over(IJobStore inner, string call, bool isDone = false)
        {
            var proxy = (LostStore)(object)Create<IJobStore, LostStore>();
            (proxy._inner, proxy._call, proxy._isDone) = (inner, call, isDone);
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            ArgumentNullException.ThrowIfNull(targetMethod);
            var isLost = IsLosing && targetMethod.Name == _call;
            try
            {
                var answer = !isLost || _isDone ? targetMethod.Invoke(_inner, args) : null;
                return isLost ? throw new JobStoreUnavailableException("Redis, which holds the job store, did not answer in time.") { IsWithoutEffect = IsWithoutEffect } : answer;
            }
            catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
            {
                ExceptionDispatchInfo.Throw(inner);
                throw;
            }
        }
    }

    /// <summary>A store that knows the jobs that are added already.</summary>
    public class KnownStore : DispatchProxy
    {
        private IJobStore? _inner;
        private AddResult[] _results = [];

        public static IJobStore Over(IJobStore inner, params AddResult[] results)
        {
            var proxy = (KnownStore)(object)Create<IJobStore, KnownStore>();
            (proxy._inner, proxy._results) = (inner, results);
            return (IJobStore)(object)proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == nameof(IJobStore.AddAsync)
            ? Task.FromResult<IReadOnlyList<AddResult>>(_results[..((IReadOnlyList<NewJob>)args![1]!).Count])
            : targetMethod.Invoke(_inner, args);
    }
}
