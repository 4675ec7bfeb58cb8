"""Where the jobs of a sweep run: in this process, in processes beside it, on Ray, or on Slurm through submitit.

`executor` says what an executor is and what becomes of a job whose worker is killed, pre-empted or out of memory;
`sweeps` runs a driver's sweep through one. Ray and submitit are imported only by their own module.
"""
