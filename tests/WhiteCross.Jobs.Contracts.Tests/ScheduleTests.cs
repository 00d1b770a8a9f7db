using System.Text;
using System.Text.Json;
using CsCheck;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Contracts.Tests;

public sealed class ScheduleTests
{
    private static readonly QueueDefinition Queue = JobQueues.Get(JobQueues.MessageCleanup);

    private const string Job = """{"data":{"cleanupType":"old_messages"}}""";

    [Theory]
    [InlineData("", "$")]
    [InlineData("[]", "$")]
    [InlineData("{", "$")]
    [InlineData("""{"cron":"0 2 * * *"}""", "job")]
    [InlineData("""{"job":JOB}""", "cron")]
    [InlineData("""{"cron":"0 2 * * *","every":1000,"job":JOB}""", "cron")]
    [InlineData("""{"cron":"often","job":JOB}""", "cron")]
    [InlineData("""{"cron":"61 2 * * *","job":JOB}""", "cron")]
    [InlineData("""{"cron":7,"job":JOB}""", "cron")]
    [InlineData("""{"cron":"0 0 30 2 *","job":JOB}""", "cron")]
    [InlineData("""{"cron":"0 0 0 31 4,6,9,11 *","job":JOB}""", "cron")]
    [InlineData("""{"cron":"0 2 * * *","tz":"Europe/Berlin","job":JOB}""", "tz")]
    [InlineData("""{"every":1000,"limits":1,"job":JOB}""", "limits")]
    [InlineData("""{"every":1000.5,"job":JOB}""", "every")]
    [InlineData("""{"id":"..","every":1000,"job":JOB}""", "id")]
    [InlineData("""{"every":1000,"job":{"data":{"cleanupType":"old_messages"},"delay":5}}""", "job.delay")]
    [InlineData("""{"every":999,"job":JOB}""", "every")]
    [InlineData("""{"every":"1000","job":JOB}""", "every")]
    [InlineData("""{"every":31536000001,"job":JOB}""", "every")]
    [InlineData("""{"every":1000,"timeZone":"Mars/Olympus","job":JOB}""", "timeZone")]
    [InlineData("""{"every":1000,"limit":0,"job":JOB}""", "limit")]
    [InlineData("""{"every":1000,"overlap":"never","job":JOB}""", "overlap")]
    [InlineData("""{"every":1000,"enabled":"yes","job":JOB}""", "enabled")]
    [InlineData("""{"id":"a b","every":1000,"job":JOB}""", "id")]
    [InlineData("""{"every":1000,"job":null}""", "job")]
    [InlineData("""{"every":1000,"job":7}""", "job")]
    [InlineData("""{"every":1000,"job":{"data":{}}}""", "job.data.cleanupType")]
    [InlineData("""{"every":1000,"job":{"jobId":"x","data":{"cleanupType":"old_messages"}}}""", "job.jobId")]
    [InlineData("""{"every":1000,"job":{"type":"send-message","data":{"cleanupType":"old_messages"}}}""", "job.type")]
    [InlineData("""{"every":1000,"every":2000,"job":JOB}""", "every")]
    public void Wrong__is_refused_by_its_field(string json, string field)
    {
        var request = ScheduleRequestReader.Default.Read(Queue, Encoding.UTF8.GetBytes(json.Replace("JOB", Job, StringComparison.Ordinal)), out var errors);

        Assert.Null(request);
        Assert.Contains(field, errors.Keys);
    }

    [Theory]
    [InlineData("""{"every":1000,"job":JOB}""")]
    [InlineData("""{"id":"nightly","cron":"0 2 * * *","timeZone":"Europe/Berlin","limit":1,"overlap":"queue","enabled":false,"job":JOB}""")]
    [InlineData("""{"cron":"*/10 * * * * *","job":JOB}""")]
    [InlineData("""{"cron":"0 0 29 2 1","job":JOB}""")]
    [InlineData("""{"Every":6e4,"LIMIT":3.0,"Job":JOB}""")]
    public void Right__is_read(string json)
    {
        Assert.NotNull(ScheduleRequestReader.Default.Read(Queue, Encoding.UTF8.GetBytes(json.Replace("JOB", Job, StringComparison.Ordinal)), out var errors));
        Assert.Empty(errors);
    }

    [Fact]
    public void Any_bytes__are_read_or_refused_and_never_throw() =>
        Gen.OneOf(Gen.Byte.Array[0, 60], Gen.String[Gen.Char["{}[]\":,ejobcronvy 10\\u*"], 0, 60].Select(Encoding.UTF8.GetBytes)).Sample(
            bytes => ScheduleRequestReader.Default.Read(Queue, bytes, out var errors) is null == errors.Count > 0,
            iter: RandomCases.Count(5_000));

    [Fact]
    public void Next_time__is_after_now_and_on_the_grid_of_the_plan() =>
        Gen.Select(Gen.Long[1_000, 90_000_000], Gen.Long[0, 400_000_000_000], Gen.Long[-10_000, 40_000_000_000]).Sample((every, plannedAt, late) =>
        {
            var planned = DateTimeOffset.FromUnixTimeMilliseconds(plannedAt);
            var now = planned.AddMilliseconds(late);
            var next = JobSchedules.NextAfter(Schedule(every: every), planned, now)!.Value;
            return next > now && next > planned && next - (now > planned ? now : planned) <= TimeSpan.FromMilliseconds(every)
                && (long)(next - planned).TotalMilliseconds % every == 0;
        });

    [Fact]
    public void Two_in_the_morning_in_Berlin__is_there_on_the_days_when_clocks_change()
    {
        var schedule = Schedule(cron: "0 2 * * *", timeZone: "Europe/Berlin");
        var spring = JobSchedules.NextAfter(schedule, At("2026-03-29T00:00:00+01:00"), At("2026-03-29T00:00:00+01:00"));
        var autumn = JobSchedules.NextAfter(schedule, At("2026-10-25T00:00:00+02:00"), At("2026-10-25T00:00:00+02:00"));

        Assert.Equal(At("2026-03-29T03:00:00+02:00"), spring); // There is no 02:00 in this night: the first moment after it.
        Assert.Equal(At("2026-10-25T02:00:00+02:00"), autumn); // There are two: the first.
        Assert.Equal(At("2026-10-26T02:00:00+01:00"), JobSchedules.NextAfter(schedule, autumn!.Value, autumn.Value));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static JobSchedule Schedule(string? cron = null, long? every = null, string timeZone = "UTC") =>
        new() { Id = "s", Queue = Queue.Name, Cron = cron, Every = every, TimeZone = timeZone, Job = JsonSerializer.SerializeToElement(new { }) };
}
