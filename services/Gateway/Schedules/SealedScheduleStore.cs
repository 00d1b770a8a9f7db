using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Sealing;

namespace WhiteCross.Gateway;

/// <summary>
/// Schedules whose jobs are sealed, whatever store is inside. Ids and times stay readable there. Schedules may live for years, longer than keys: one that is
/// sealed with a former key, or was put there unsealed, is sealed anew when it is first read after a start, which a change of keys takes.
/// </summary>
internal sealed class SealedScheduleStore(IVersionedStore<JobSchedule> inner, JobSealing sealing) : IVersionedStore<JobSchedule>
{
    // Once each: while gateways with the old and with the new key run side by side, they must not do it over and over.
    private readonly ConcurrentDictionary<(string Queue, string Id), bool> _looked = new();

    public async Task<IReadOnlyList<JobSchedule>> ListAsync(string queue, CancellationToken cancellationToken)
    {
        var stored = await inner.ListAsync(queue, cancellationToken);
        var opened = new List<JobSchedule>(stored.Count);
        foreach (var schedule in stored)
        {
            opened.Add(await SealAnewAsync(schedule, Open(schedule), cancellationToken));
        }

        return opened;
    }

    public async Task<JobSchedule?> FindAsync(string queue, string id, CancellationToken cancellationToken) =>
        await inner.FindAsync(queue, id, cancellationToken) is { } schedule ? Open(schedule) : null;

    public Task<bool> ReplaceAsync(JobSchedule? current, JobSchedule next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        return inner.ReplaceAsync(current, Seal(next), cancellationToken);
    }

    public Task<bool> RemoveAsync(string queue, string id, CancellationToken cancellationToken) => inner.RemoveAsync(queue, id, cancellationToken);

    private async Task<JobSchedule> SealAnewAsync(JobSchedule stored, JobSchedule opened, CancellationToken cancellationToken)
    {
        var isAsNow = JobSealing.IsSealed(stored.Job)
            ? JobSealing.IsSealed(opened.Job) || sealing.IsSealedAsNow(JsonMarshal.GetRawUtf8Value(stored.Job)[1..])
            : sealing.IsSealedAsNow([]);
        return !isAsNow && _looked.TryAdd((stored.Queue, stored.Id), true) && await inner.ReplaceAsync(stored, Seal(opened), cancellationToken)
            ? opened with { Version = stored.Version + 1 }
            : opened;
    }

    // What cannot be opened stays as it is, and so is there again when its key is.
    private JobSchedule Open(JobSchedule schedule) => sealing.Open(schedule.Job, Place(schedule)) is { } job ? schedule with { Job = job } : schedule;

    private JobSchedule Seal(JobSchedule schedule) =>
        JobSealing.IsSealed(schedule.Job) ? schedule : schedule with { Job = sealing.Seal(schedule.Job, Place(schedule)) };

    private static string Place(JobSchedule schedule) => $"schedule\n{schedule.Queue}\n{schedule.Id}";
}
