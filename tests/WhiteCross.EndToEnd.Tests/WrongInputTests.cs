using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;
using Examples = WhiteCross.Jobs.Contracts.Tests.Jobs;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>Whatever is sent, by whatever way: it is refused by its field or becomes a failed job, and harms nothing beside it.</summary>
public abstract class WrongInputTests(SystemFixture fixture) : IDisposable
{
    private readonly HttpClient _gateway = new() { BaseAddress = fixture.System.GatewayAddress };
    private readonly HttpClient _sidecar = new() { BaseAddress = fixture.System.SidecarAddress };

    [Fact]
    public async Task By_HTTP_each_is_refused_by_its_field()
    {
        Assert.True(WrongInput.All.Count > 100);
        foreach (var wrong in WrongInput.All)
        {
            using var answer = await Jobs.PostAsync(_gateway, $"/queue/{wrong.Queue}/jobs", wrong.Body);

            var said = await answer.Content.ReadAsStringAsync(Jobs.Cancellation);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{answer.StatusCode} for {wrong}");
            Assert.Contains(wrong.Field, JsonNode.Parse(said)!["errors"]!.AsObject().Select(error => error.Key));
            Assert.DoesNotContain("secret", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task By_HTTP_in_bulk_each_is_refused_by_its_field_and_its_neighbours_are_taken()
    {
        foreach (var queue in WrongInput.All.Where(wrong => wrong.IsJson).GroupBy(wrong => wrong.Queue))
        {
            var items = queue.Select(wrong => Encoding.UTF8.GetString(wrong.Body)).ToList();
            var good = new JsonObject { ["type"] = JobQueues.Get(queue.Key).JobTypes[0], ["data"] = Examples.Good(JobQueues.Get(queue.Key).JobTypes[0]) }.ToJsonString();

            int[] places = [0, 1 + (items.Count / 2), items.Count + 2];
            foreach (var place in places)
            {
                items.Insert(place, good);
            }

            using var answer = await Jobs.PostAsync(_gateway, $"/queue/{queue.Key}/jobs/bulk", Encoding.UTF8.GetBytes($$"""{"jobs":[{{string.Join(',', items)}}]}"""));

            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            var said = (await answer.Content.ReadFromJsonAsync<JsonObject>(Jobs.Cancellation))!;
            int[] accepted = [.. said["accepted"]!.AsArray().Select(accepted => accepted!["index"]!.GetValue<int>())];
            Assert.All(accepted, index => Assert.Equal(good, items[index]));
            Assert.Equal(places, accepted);
            Assert.All(queue.Zip(said["rejected"]!.AsArray()), pair => Assert.Contains(pair.First.Field, pair.Second!["errors"]!.AsObject().Select(error => error.Key)));
        }
    }

    [Fact]
    public async Task Published_one_by_one_each_becomes_a_failed_job_that_says_why()
    {
        foreach (var wrong in WrongInput.All)
        {
            using var answer = await Jobs.PostAsync(_sidecar, $"/v1.0/publish/jobs/{wrong.Queue}?metadata.cloudevent.id={wrong.EventId}", wrong.Body);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }

        foreach (var wrong in WrongInput.All)
        {
            await AssertFailedAsync(wrong, wrong.EventId);
        }
    }

    [Fact]
    public async Task Published_in_bulk_each_becomes_a_failed_job_and_its_neighbours_run()
    {
        var neighbours = new List<string>();
        foreach (var queue in WrongInput.All.Where(wrong => wrong.IsJson).GroupBy(wrong => wrong.Queue))
        {
            var entries = queue.Select(wrong => Entry($"bulk-{wrong.EventId}", Encoding.UTF8.GetString(wrong.Body))).ToList();
            if (queue.Key == JobQueues.MessageDelivery)
            {
                for (var place = 0; place <= entries.Count; place += 5)
                {
                    neighbours.Add($"neighbour-{Guid.NewGuid():N}");
                    entries.Insert(place, Entry(neighbours[^1], Jobs.SendMessage(Guid.NewGuid()).ToJsonString()));
                }
            }

            using var answer = await Jobs.PostAsync(_sidecar, $"/v1.0/publish/bulk/jobs/{queue.Key}", Encoding.UTF8.GetBytes($"[{string.Join(',', entries)}]"));
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }

        foreach (var wrong in WrongInput.All.Where(wrong => wrong.IsJson))
        {
            await AssertFailedAsync(wrong, $"bulk-{wrong.EventId}");
        }

        Assert.True(neighbours.Count > 3);
        foreach (var neighbour in neighbours)
        {
            await Jobs.WaitForAsync(_gateway, neighbour, "completed");
        }

        // Written by hand: what is wrong would not survive being read and written again.
        static string Entry(string id, string json) =>
            $$"""{"entryId":"{{id}}","event":{{json}},"contentType":"application/json","metadata":{"cloudevent.id":"{{id}}"} }""";
    }

    [Fact]
    public async Task A_retry_of_invalid_data_fails_again_and_no_handler_sees_it()
    {
        var envelope = Jobs.SendMessage(Guid.NewGuid(), jobId: $"retried-{Guid.NewGuid():N}");
        envelope["data"]!["content"] = new string('x', 10_001);
        using var published = await Jobs.PostAsync(_sidecar, "/v1.0/publish/jobs/message-delivery", Encoding.UTF8.GetBytes(envelope.ToJsonString()));
        var jobId = envelope["jobId"]!.GetValue<string>();
        Assert.Equal("invalid", (await Jobs.WaitForAsync(_gateway, jobId, "failed"))["error"]!["code"]!.GetValue<string>());

        using var retried = await Jobs.PostAsync(_gateway, $"/queue/message-delivery/jobs/{jobId}/retry", []);
        var record = await Jobs.WaitForAsync(_gateway, jobId, record => record["attemptsMade"]!.GetValue<int>() > 0);

        Assert.True(retried.IsSuccessStatusCode);
        Assert.Equal(("failed", "invalid", 1), (record["state"]!.GetValue<string>(), record["error"]!["code"]!.GetValue<string>(), record["attemptsMade"]!.GetValue<int>()));
        Assert.Contains("data.content: ", record["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_byte_too_many_is_refused_by_HTTP_and_fails_when_published()
    {
        var envelope = Jobs.SendMessage(Guid.NewGuid(), jobId: $"large-{Guid.NewGuid():N}");
        var rest = Encoding.UTF8.GetByteCount(envelope["data"]!.ToJsonString()) + Encoding.UTF8.GetByteCount(""","metadata":{"a":""}""");
        envelope["data"]!["metadata"] = new JsonObject { ["a"] = new string('x', JobLimits.DataBytes - rest + 1) };
        var body = Encoding.UTF8.GetBytes(envelope.ToJsonString());

        using var answer = await Jobs.PostAsync(_gateway, "/queue/message-delivery/jobs", body);
        using var published = await Jobs.PostAsync(_sidecar, "/v1.0/publish/jobs/message-delivery", body);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.NoContent), (answer.StatusCode, published.StatusCode));
        Assert.Equal("invalid", (await Jobs.WaitForAsync(_gateway, envelope["jobId"]!.GetValue<string>(), "failed"))["error"]!["code"]!.GetValue<string>());
    }

    public void Dispose()
    {
        _gateway.Dispose();
        _sidecar.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task AssertFailedAsync(WrongInput wrong, string jobId)
    {
        var record = await Jobs.WaitForAsync(_gateway, jobId, "failed", wrong.Queue);
        var error = record["error"]!["message"]!.GetValue<string>();
        Assert.Equal(("invalid", 0), (record["error"]!["code"]!.GetValue<string>(), record["attemptsMade"]!.GetValue<int>()));
        Assert.Contains(wrong.Field + ": ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }
}

/// <summary>In memory.</summary>
public sealed class EmbeddedWrongInputTests(EmbeddedSystem system) : WrongInputTests(system), IClassFixture<EmbeddedSystem>;

/// <summary>On Redis.</summary>
public sealed class RedisWrongInputTests(RedisSystem system) : WrongInputTests(system), IClassFixture<RedisSystem>;
