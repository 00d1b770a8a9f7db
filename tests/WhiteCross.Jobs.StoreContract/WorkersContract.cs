using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>Who works on a queue: whoever has said so lately, as it said last.</summary>
public abstract class WorkersContract(IJobStoreFactory factory) : JobStoreContract(factory)
{
    [Fact]
    public async Task Workers_are_listed_as_they_spoke_last()
    {
        await SayAsync("pod-b", 0);
        await SayAsync("pod-a", 1);
        var stuck = new WorkerStatus("pod-b", 10, 7) { SlotsStuck = 2 };
        await Store.Workers.ReportAsync(Queue, stuck, Cancel);

        Assert.Equal([new WorkerStatus("pod-a", 10, 1), stuck], await ListAsync());
        Assert.Empty(await Store.Workers.ListAsync($"{Queue}-other", Cancel));
    }

    [Fact]
    public async Task One_that_has_gone_silent_is_not_listed_until_it_speaks_again()
    {
        await SayAsync("pod-a", 1);
        await SayAsync("pod-b", 1);
        Time.Advance(IWorkerRegistry.AliveFor);
        await SayAsync("pod-b", 2);
        Assert.Equal(2, (await ListAsync()).Count);

        Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal([new WorkerStatus("pod-b", 10, 2)], await ListAsync());
        await SayAsync("pod-a", 3);
        Assert.Equal(2, (await ListAsync()).Count);
    }

    [Fact]
    public async Task One_that_leaves_is_gone_at_once()
    {
        await SayAsync("pod-a", 1);
        await SayAsync("pod-b", 1);

        await Store.Workers.LeaveAsync(Queue, "pod-a", Cancel);

        Assert.Equal(["pod-b"], (await ListAsync()).Select(worker => worker.Id));
    }

    private Task SayAsync(string id, int slotsInUse) => Store.Workers.ReportAsync(Queue, new WorkerStatus(id, 10, slotsInUse), Cancel);

    private Task<IReadOnlyList<WorkerStatus>> ListAsync() => Store.Workers.ListAsync(Queue, Cancel);
}
