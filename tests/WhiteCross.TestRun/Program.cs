// Runs the test modules that have been built: several at once, then by themselves those that measure time; on one Redis and one PostgreSQL. Closes with the
// slowest tests and the totals. Exit code 0: all passed; 1: not; 2: asked for something that is not there; 130: interrupted.
//   WhiteCross.TestRun [--at-once N] [NAME…]
//     N      how many modules share the machine; by default one more than there are processors, since they wait half their time
//     NAME   only these modules, such as Gateway for WhiteCross.Gateway.Tests; by default all
using System.Globalization;
using System.Runtime.InteropServices;
using WhiteCross.TestRun;

var (atOnce, names) = (Environment.ProcessorCount + 1, args);
if (args is ["--at-once", var number, ..])
{
    names = args[2..];
    if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out atOnce) || atOnce < 1)
    {
        await Console.Error.WriteLineAsync($"--at-once must be a number from 1, and is '{number}'.");
        return 2;
    }
}

using var interrupted = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    var modules = TestModule.OfRepository(names);
    var suite = await Suite.RunAsync(modules, atOnce, Console.Out, interrupted.Token);
    await Summary.WriteAsync(suite, Console.Out);
    return suite.Runs.Any(run => run.Failed) ? 1 : 0;
}
catch (InvalidOperationException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}
catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("Interrupted.");
    return 130;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true; // The servers and modules are ended first.
    interrupted.Cancel();
}
