using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Sealing;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Tests;

/// <summary>What lies in a store is sealed, opens with the right key only, and with no key once that is gone.</summary>
public sealed class SealingTests
{
    private const string Queue = JobQueues.MessageDelivery;
    private const string Canary = "potassium-4711";

    private static readonly string One = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private static readonly string Two = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private static readonly string Hash = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private readonly InMemoryJobStore _inner = new(JobQueues.DefaultOptions);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_from_outside_or_from_a_handler_lies_readable_in_the_store()
    {
        var store = Sealed("one", ("one", One));
        await RunAsync(store, "a");

        var inside = JsonSerializer.Serialize(await _inner.GetAsync(Queue, "a", Cancellation));
        var steps = await _inner.GetStepsAsync(Queue, "a", Cancellation);
        var outside = (await store.GetAsync(Queue, "a", Cancellation))!;

        Assert.DoesNotContain(Canary, inside, StringComparison.Ordinal);
        Assert.Contains("\"a\"", inside, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, Encoding.UTF8.GetString(steps["mail"].Span), StringComparison.Ordinal);
        Assert.Equal(Canary, outside.Data.GetProperty("content").GetString());
        Assert.Equal($"{Canary} refused", outside.Error!.Message);
        Assert.Equal($"at {Canary}", outside.Error.Stack);
        Assert.Equal($"{Canary} refused", outside.Attempts[0].Error!.Message);
        Assert.Equal([$"line {Canary}"], outside.Logs);
        Assert.Equal((40, $"step {Canary}"), (outside.Progress.Percentage, outside.Progress.Step));
        Assert.Equal(Canary, outside.Progress.Data!.Value.GetProperty("of").GetString());
        Assert.Equal($"\"{Canary}\"", Encoding.UTF8.GetString((await store.GetStepsAsync(Queue, "a", Cancellation))["mail"].Span));
    }

    [Fact]
    public async Task What_a_job_is_found_by_is_a_hash_that_takes_the_key_and_its_tags_are_not_kept()
    {
        var store = Sealed("one", ("one", One));
        var reading = new JobReading { JobId = "a", Type = "send-message", Data = "{}"u8.ToArray(), OptionsJson = Encoding.UTF8.GetBytes($$"""{"attempts":2,"tags":["{{Canary}}"]}"""), Options = new JobOptions { Attempts = 2, Tags = [Canary] } };
        await store.AddAsync(Queue, [NewJobFactory.Create(reading, new QueueOptions(), "b", null)], Cancellation);

        Assert.Equal("a", Assert.Single((await Sealed("two", ("one", One), ("two", Two)).ListByTermAsync(Queue, JobTerms.OfTag(Canary), 10, null, Cancellation)).Jobs).JobId);
        Assert.Empty((await _inner.ListByTermAsync(Queue, JobTerms.OfTag(Canary), 10, null, Cancellation)).Jobs);
        Assert.Equal(new JobOptions { Attempts = 2 }, (await _inner.GetAsync(Queue, "a", Cancellation))!.Options);
    }

    [Fact]
    public async Task A_dead_letter_is_as_sealed_as_the_record()
    {
        var store = Sealed("one", ("one", One));
        await RunAsync(store, "a");

        var letter = Assert.Single(await store.TakeDeadLettersAsync(Queue, ["a"], Cancellation));

        Assert.DoesNotContain(Canary, JsonSerializer.Serialize(letter.Job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_current_key_opens_what_the_former_sealed_and_without_the_former_it_is_gone()
    {
        await RunAsync(Sealed("one", ("one", One)), "a");

        var rotated = await Sealed("two", ("one", One), ("two", Two)).GetAsync(Queue, "a", Cancellation);
        var shredded = await Sealed("two", ("two", Two)).GetAsync(Queue, "a", Cancellation);
        var wrong = await Sealed("one", ("one", Two)).GetAsync(Queue, "a", Cancellation);

        Assert.Equal(Canary, rotated!.Data.GetProperty("content").GetString());
        Assert.All([shredded!, wrong!], record =>
        {
            Assert.DoesNotContain(Canary, JsonSerializer.Serialize(record), StringComparison.Ordinal);
            Assert.Equal("(sealed with a key that is gone)", record.Error!.Message);
            Assert.Equal(JobState.Failed, record.State);
        });
    }

    [Fact]
    public async Task Without_its_key_a_job_begins_with_data_that_no_handler_takes()
    {
        await Sealed("one", ("one", One)).AddAsync(Queue, [Job("a")], Cancellation);

        var begun = await Sealed("two", ("two", Two)).BeginAsync(Queue, [new BeginRequest("a")], Cancellation);

        Assert.Equal("\"(sealed with a key that is gone)\"", Encoding.UTF8.GetString(begun[0].Run!.Data.Span));
    }

    [Fact]
    public void What_is_sealed_is_bound_to_its_place_and_a_changed_byte_shows()
    {
        using var seal = new JobSeal(Keys("one", ("one", One)));
        var text = seal.Seal("x"u8, "queue\na\ndata");
        var changed = (byte[])text.Clone();
        changed[^2] = changed[^2] == (byte)'A' ? (byte)'B' : (byte)'A';

        Assert.Equal("x"u8.ToArray(), seal.Open(text, "queue\na\ndata"));
        Assert.Null(seal.Open(text, "queue\nb\ndata"));
        Assert.Null(seal.Open(changed, "queue\na\ndata"));
        Assert.NotEqual(text, seal.Seal("x"u8, "queue\na\ndata"));
    }

    [Fact]
    public void What_another_process_sealed_is_opened_also_when_their_texts_come_by_turns()
    {
        // Written by hand, after the format that records have: a salt, a nonce, the cipher text and its tag.
        const string Other = "wcs1.one.AAECAwQFBgcICQoLDA0ODwAAAAAAAAAAAAAAB6_WF-opXhz_fwtot3ut2bH_pNw0NQEjisED7Y5ldKOkFOKa";
        using var seal = new JobSeal(Keys("one", ("one", Convert.ToBase64String([.. Enumerable.Range(0, 32).Select(i => (byte)i)]))));
        var own = seal.Seal("x"u8, "place");

        for (var turn = 0; turn < 2; turn++)
        {
            Assert.Equal("""{"content":"café"}""", Encoding.UTF8.GetString(seal.Open(Encoding.ASCII.GetBytes(Other), "message-delivery\na-1\ndata")!));
            Assert.Equal("x"u8.ToArray(), seal.Open(own, "place"));
        }

        Assert.Null(seal.Open(Encoding.ASCII.GetBytes(Other.Replace("one", "two", StringComparison.Ordinal)), "message-delivery\na-1\ndata"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("wcs1.")]
    [InlineData("wcs1..AAAA")]
    [InlineData("wcs1.one.")]
    [InlineData("wcs1.one.AAAA")]
    [InlineData("wcs1.one.not base64!")]
    public void What_is_no_sealed_text_does_not_open(string text)
    {
        using var seal = new JobSeal(Keys("one", ("one", One)));

        Assert.Null(seal.Open(Encoding.ASCII.GetBytes(text), "place"));
    }

    [Fact]
    public async Task Many_at_once_are_sealed_each_with_a_nonce_of_its_own()
    {
        using var seal = new JobSeal(Keys("one", ("one", One)));

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 500).Select(_ => Convert.ToBase64String(seal.Seal("x"u8, "place"))).ToList())));

        Assert.Equal(4_000, all.SelectMany(some => some).Distinct().Count());
        Assert.All(all.SelectMany(some => some), text => Assert.Equal("x"u8.ToArray(), seal.Open(Convert.FromBase64String(text), "place")));
    }

    [Fact]
    public async Task A_record_from_before_is_read_as_it_is()
    {
        await RunAsync(_inner, "old");

        var record = await Sealed("one", ("one", One)).GetAsync(Queue, "old", Cancellation);

        Assert.Equal((Canary, $"{Canary} refused"), (record!.Data.GetProperty("content").GetString(), record.Error!.Message));
    }

    [Fact]
    public async Task Equal_data_is_known_though_it_is_sealed_also_after_the_key_has_changed()
    {
        await Sealed("one", ("one", One)).AddAsync(Queue, [Job("a")], Cancellation);
        var rotated = Sealed("two", ("one", One), ("two", Two));

        var same = await rotated.AddAsync(Queue, [Job("a")], Cancellation);
        var other = await rotated.AddAsync(Queue, [Job("a") with { Data = "{}"u8.ToArray() }], Cancellation);

        Assert.Equal((AddOutcome.Exists, true), (same[0].Outcome, same[0].SameData));
        Assert.False(other[0].SameData);
    }

    [Fact]
    public async Task Data_that_nothing_needs_any_more_is_gone_with_the_end_of_its_job()
    {
        var store = Sealed("one", ("one", One));
        await store.AddAsync(Queue, [Job("a")], Cancellation);
        var begun = await store.BeginAsync(Queue, [new BeginRequest("a")], Cancellation);

        await store.FinishAsync(Queue, [new RunEnd(begun[0].Run!.Key, RunEndKind.Completed) { ForgetsData = true }], Cancellation);

        Assert.Equal(JsonValueKind.Null, (await _inner.GetAsync(Queue, "a", Cancellation))!.Data.ValueKind);
    }

    [Theory]
    [InlineData("""nonsense""", "JSON object")]
    [InlineData("""{"current":"a","keys":{}}""", "at least one key")]
    [InlineData("""{"current":"b","keys":{"a":"AAAA"}}""", "name one of its keys")]
    [InlineData("""{"current":"a","keys":{"a":"c2VjcmV0"}}""", "not 32 bytes")]
    [InlineData("""{"current":"a.b","keys":{"a.b":"c2VjcmV0"}}""", "key id")]
    public void Keys_that_cannot_be_used_are_refused_without_being_shown(string json, string says)
    {
        var refusal = Assert.Throws<FormatException>(() => SealingKeys.Parse(json));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", refusal.ToString(), StringComparison.Ordinal);
    }

    private static SealingKeys Keys(string current, params (string Id, string Key)[] keys) => SealingKeys.Parse(JsonSerializer.Serialize(
        new { current, keys = keys.ToDictionary(key => key.Id, key => key.Key), hash = Hash }));

    private static NewJob Job(string id) => new() { JobId = id, Type = "send-message", Data = Encoding.UTF8.GetBytes($$"""{ "content": "{{Canary}}" }""") };

    private SealedJobStore Sealed(string current, params (string Id, string Key)[] keys) => new(_inner, new JobSeal(Keys(current, keys)));

    private static async Task RunAsync(IJobStore store, string id)
    {
        await store.AddAsync(Queue, [Job(id)], Cancellation);
        var key = (await store.BeginAsync(Queue, [new BeginRequest(id)], Cancellation))[0].Run!.Key;
        await store.ReportAsync(
            Queue,
            [
                new RunReport(key)
                {
                    Progress = Encoding.UTF8.GetBytes($$"""{ "percentage": 40, "step": "step {{Canary}}", "data": { "of": "{{Canary}}" } }"""),
                    Logs = [$"line {Canary}"],
                    Sequence = 1,
                    Step = "mail",
                    StepResult = Encoding.UTF8.GetBytes($"\"{Canary}\""),
                },
            ],
            Cancellation);
        await store.FinishAsync(Queue, [new RunEnd(key, RunEndKind.Failed) { Error = new JobError($"{Canary} refused", $"at {Canary}") }], Cancellation);
    }
}
