using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>Puts the jobs that schedules add on record as what they are: added jobs, by nobody's hand.</summary>
internal sealed class ScheduleAudit(AuditWriter writer, IAuditLog log, IOptions<AuditOptions> options, TimeProvider time)
{
    /// <summary>Who adds a schedule's jobs.</summary>
    public static string NameOf(JobSchedule schedule) => $"schedule {schedule.Id}";

    /// <summary>The entry for a job that is about to be added; null when added jobs are not in the log.</summary>
    public AuditEntry? EntryOf(JobSchedule schedule, string jobId) => options.Value.Adds
        ? new AuditEntry(time.GetUtcNow(), NameOf(schedule), "AddJob", schedule.Queue, jobId, Outcome: "done") { Id = Guid.CreateVersion7().ToString("N") }
        : null;

    /// <summary>What puts it on record with the job.</summary>
    public JobNote? NoteOf(AuditEntry? entry) => entry is null ? null : log.NoteOf(entry);

    /// <summary>The job was added.</summary>
    public void Added(AuditEntry? entry)
    {
        if (entry is not null)
        {
            writer.WriteSoon(entry);
        }
    }
}
