using System.Text;

namespace WhiteCross.Jobs.Contracts.Tests;

/// <summary>What somebody asks for holds, however it is spelled, or is refused by its name: it is never passed over.</summary>
public sealed class SpellingTests
{
    private const string Data = """{"cleanupType":"old_messages"}""";
    private const string Id = "0190a0b0-0000-7000-8000-00000000000a";

    private static readonly QueueDefinition Cleanup = JobQueues.Get(JobQueues.MessageCleanup);
    private static readonly QueueDefinition Indexing = JobQueues.Get(JobQueues.MessageIndexing);

    [Theory]
    [InlineData("""{"JobId":"a","Type":"cleanup-messages","Data":DATA,"Options":{"Delay":5000,"ATTEMPTS":7,"backOff":{"Type":"Fixed","DELAY":10}}}""")]
    [InlineData("""{"JOBID":"a","data":DATA,"oPTIONS":{"delay":5e3,"attempts":7.0,"Backoff":{"type":"fixed","delay":1.0e1}}}""")]
    [InlineData("""{"j\u006fbId":"a","d\u0061ta":DATA,"options":{"\u0044elay":5000,"attempts":7,"backoff":{"type":"fixed","delay":10}}}""")]
    public void Names_in_any_case_and_numbers_in_any_spelling__hold_and_are_shown_as_they_hold(string json)
    {
        var reading = Read(Cleanup, json.Replace("DATA", Data, StringComparison.Ordinal));

        Assert.True(reading.IsValid, reading.ErrorText);
        Assert.Equal("a", reading.JobId);
        Assert.Equal(new JobOptions { Delay = 5000, Attempts = 7, Backoff = new JobBackoff(JobBackoffType.Fixed, 10) }, reading.Options);
        Assert.Equal("""{"delay":5000,"attempts":7,"backoff":{"type":"fixed","delay":10}}""", Encoding.UTF8.GetString(reading.OptionsJson.Span));
    }

    [Theory]
    [InlineData("""{"data":DATA,"options":{"delya":1}}""", "options.delya", "delay")]
    [InlineData("""{"data":DATA,"options":{"max_attempts":1}}""", "options.max_attempts", "attempts")]
    [InlineData("""{"data":DATA,"options":{"retries":1}}""", "options.retries", "Known are|known are")]
    [InlineData("""{"data":DATA,"options":{"backoff":{"type":"fixed","delay":1,"jitter":1}}}""", "options.backoff.jitter", "known are type, delay")]
    [InlineData("""{"data":DATA,"option":{"delay":1}}""", "option", "options")]
    [InlineData("""{"data":DATA,"job_id":"a"}""", "job_id", "jobId")]
    [InlineData("""{"data":DATA,"id":"a"}""", "id", "jobId")]
    [InlineData("""{"data":DATA,"DELAY":1}""", "DELAY", "{\"options\": {\"delay\": …}}")]
    [InlineData("""{"cleanupType":"old_messages","jobId":"a"}""", "jobId", "an envelope")]
    [InlineData("""{"cleanupType":"old_messages","Options":{"delay":1}}""", "Options", "an envelope")]
    [InlineData("""{"cleanupType":"old_messages","attempts":1}""", "attempts", "an envelope")]
    [InlineData("""{"data":DATA,"Data":DATA}""", "data", "twice")]
    [InlineData("""{"data":DATA,"options":{"delay":1,"Delay":2}}""", "options.delay", "twice")]
    [InlineData("""{"data":DATA,"options":{"attempts":3.5}}""", "options.attempts", "whole number")]
    [InlineData("""{"data":DATA,"options":{"delay":1e400}}""", "options.delay", "whole number")]
    [InlineData("""{"data":DATA,"options":{"delay":9223372036854775808}}""", "options.delay", "whole number")]
    public void Misspelled_and_misplaced__is_refused_by_its_name(string json, string field, string says)
    {
        var reading = Read(Cleanup, json.Replace("DATA", Data, StringComparison.Ordinal));

        Assert.Contains(field, reading.Errors.Keys);
        Assert.Contains(says.Split('|'), text => reading.Errors[field][0].Contains(text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"data":DATA,"traceId":"a","source":"ehr","metadata":{"a":1},"messageType":"x","specversion":"1.0"}""")]
    [InlineData("""{"data":DATA,"options":null,"jobId":null,"type":null}""")]
    public void What_a_publisher_keeps_beside_the_data__is_passed_over(string json)
    {
        var reading = Read(Cleanup, json.Replace("DATA", Data, StringComparison.Ordinal));

        Assert.True(reading.IsValid, reading.ErrorText);
        Assert.True(reading.OptionsJson.IsEmpty);
    }

    [Theory]
    [InlineData("conversationId", "conversationIds")]
    [InlineData("user_ids", "userIds")]
    [InlineData("dry_run", "dryRun")]
    [InlineData("olderthen", "olderThan")]
    [InlineData("somethingNew", "Known are|known are")]
    public void What_narrows_a_clean_up_and_is_misspelled__is_refused(string name, string says)
    {
        var reading = Read(Cleanup, $$"""{"data":{"cleanupType":"old_messages","{{name}}":true} }""");

        Assert.Equal([$"data.{name}"], reading.Errors.Keys);
        Assert.Contains(says.Split('|'), text => reading.ErrorText.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void Data_in_another_case__is_read()
    {
        var cleanup = Read(Cleanup, $$"""{"CleanupType":"old_messages","DRYRUN":true,"UserIds":["{{Id}}"]}""");

        Assert.True(cleanup.IsValid, cleanup.ErrorText);
        Assert.True(Assert.IsType<CleanupMessagesJob>(cleanup.Job).DryRun);
        Assert.Equal(["data.batchSize"], Read(Cleanup, """{"data":{"CleanupType":"old_messages","BatchSize":3.5}}""").Errors.Keys);
        Assert.Equal(6, Assert.IsType<CleanupMessagesJob>(Read(Cleanup, """{"cleanupType":"old_messages","batchSize":60e-1}""").Job).BatchSize);
    }

    [Theory]
    [InlineData("2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z")]
    [InlineData("2026-01-31t08:00:00z", "2026-01-31T08:00:00Z")]
    [InlineData("2026-01-31T09:00:00.5+01:00", "2026-01-31T08:00:00.5Z")]
    [InlineData("2026-01-31T08:00:00.123456789123-00:00", "2026-01-31T08:00:00.1234567Z")]
    public void Time_with_an_offset__is_that_moment(string text, string moment)
    {
        var reading = Read(Indexing, $$"""{"messageId":"{{Id}}","operation":"delete","messageTimestamp":"{{text}}"}""");

        Assert.True(reading.IsValid, reading.ErrorText);
        Assert.Equal(DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture), Assert.IsType<IndexMessageJob>(reading.Job).MessageTimestamp);
    }

    [Theory]
    [InlineData("2026-01-31T08:00:00")]
    [InlineData("2026-01-31")]
    [InlineData("2026-01-31T08:00Z")]
    [InlineData("2026-01-31 08:00:00Z")]
    [InlineData("2026-01-31T08:00:00+0100")]
    [InlineData("2026-01-31T08:00:00+25:00")]
    [InlineData("2026-02-30T08:00:00Z")]
    [InlineData("2026-01-31T08:00:00.Z")]
    [InlineData("2026-01-31T08:00:00.5")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("Sat, 31 Jan 2026 08:00:00 GMT")]
    [InlineData("")]
    public void Time_without_an_offset_or_none_at_all__is_refused_by_field_and_form(string text)
    {
        foreach (var field in new[] { "messageTimestamp", "createdAt" })
        {
            var reading = Read(Indexing, $$"""{"data":{"messageId":"{{Id}}","operation":"delete","{{field}}":"{{text}}"} }""");

            Assert.Equal([$"data.{field}"], reading.Errors.Keys);
            Assert.Contains("RFC 3339 with its offset", reading.ErrorText, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("../a")]
    [InlineData("a/.")]
    [InlineData("a\\..")]
    [InlineData("/..")]
    [InlineData("a b")]
    [InlineData("a\u0001")]
    [InlineData("a\u202e")]
    public void Id_that_a_URL_does_not_carry__is_none(string id)
    {
        Assert.False(JobIds.IsValid(id));
    }

    [Theory]
    [InlineData("...")]
    [InlineData("a.b")]
    [InlineData("a/b")]
    [InlineData("/")]
    [InlineData("a//b")]
    [InlineData("..a")]
    [InlineData("a%2Fb")]
    [InlineData("urn:uuid:1?x#y&z=%")]
    [InlineData("ü€")]
    public void Id_that_a_URL_carries__is_one(string id)
    {
        Assert.True(JobIds.IsValid(id));
    }

    private static JobReading Read(QueueDefinition queue, string json) => JobEnvelopeReader.Default.Read(queue, Encoding.UTF8.GetBytes(json));
}
