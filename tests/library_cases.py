"""Expressions in NumPy, SciPy, `math` and the builtins that the library must give the value, dtype and shape of.

Each is run as it stands by Python, and as a compiled program. The values are in `VALUES`.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def make_values() -> dict[str, Any]:
    """The arguments the expressions are about."""
    rng = np.random.default_rng(7)
    square = rng.uniform(0.2, 0.9, (3, 3))
    return {
        "s": 0.7,
        "t": 2.3,
        "n": 3,
        "v": rng.uniform(0.1, 0.9, 4),
        "w": rng.uniform(0.1, 0.9, 4),
        "u": rng.uniform(-2.0, 2.0, 5),
        "m": rng.uniform(-1.0, 1.0, (3, 4)),
        "k": rng.uniform(-1.0, 1.0, (4, 3)),
        "q": square,
        "p": square @ square.T + np.eye(3),
        "c": rng.uniform(-1.0, 1.0, (2, 3, 4)),
        "d": rng.uniform(-1.0, 1.0, (2, 4, 3)),
        "e": rng.uniform(-1.0, 1.0, (3, 2)),
        "i": np.array([2, 0, 3, 2]),
        "j": np.array([[1, 0], [2, 3]]),
        "f": rng.uniform(-1.0, 1.0, 4).astype(np.float32),
        "z": rng.uniform(-1.0, 1.0, 3) + 1j * rng.uniform(-1.0, 1.0, 3),
        "h": rng.uniform(0.1, 0.9) + 0.4j,
        "y": np.array([1.0, np.nan, -3.0, np.nan, 2.5, np.inf, 0.0]),
        "b": np.array([True, False, True, True]),
    }


VALUES = make_values()

ELEMENTWISE = """
np.sin(v) np.cos(s) np.tan(m) np.arcsin(v) np.arccos(v) np.arctan(u) np.asin(v) np.acos(v) np.atan(u) np.sinh(u) np.cosh(u)
np.tanh(u) np.arcsinh(u) np.arccosh(v+1) np.arctanh(v) np.asinh(u) np.acosh(v+1) np.atanh(v) np.exp(u) np.exp2(u) np.expm1(u)
np.log(v) np.log2(v) np.log10(v) np.log1p(v) np.sqrt(v) np.cbrt(u) np.negative(v) np.positive(v) np.abs(u) np.absolute(s)
np.fabs(u) np.fabs(i) np.sign(u) np.square(u) np.square(n) np.reciprocal(v) np.floor(u) np.ceil(u) np.trunc(u) np.rint(u) np.fix(u)
np.floor(i) np.rint(i) np.round(u) np.round(u,2) np.around(u,1) np.round(u,-1) np.round(i,2) u.round(1) np.isnan(y) np.isinf(y) np.isfinite(y) np.sin(f)
np.sqrt(i) np.exp(n) np.sin(z) np.exp(h) np.abs(z) np.add(v,w) np.subtract(v,s) np.multiply(m,v) np.divide(v,w)
np.true_divide(i,n) np.floor_divide(u,t) np.remainder(u,s) np.mod(v,u[:4]) np.fmod(u,s) np.power(v,w) np.pow(v,2) np.float_power(i,2)
np.float_power(f,2) np.maximum(v,w) np.minimum(m,v) np.fmax(y,1.0) np.fmin(1.0,y) np.arctan2(u,s) np.atan2(v,w) np.hypot(v,w) np.copysign(v,s)
np.logaddexp(v,w) np.logaddexp(800.0,u*1000) np.logaddexp2(v,w) np.heaviside(u,0.5) np.heaviside(y,0.5) np.sinc(u) np.sinc(0.0) np.sinc(s) np.sinc(i*0.01) np.deg2rad(u)
np.rad2deg(u) np.degrees(i) np.radians(f) np.ldexp(v,2) np.divmod(u,s) np.modf(u) np.where(u>0,u,0.0) np.where(i,v,w)
np.where(b,f,2.0) np.clip(v,0.2,0.6) np.clip(v,None,0.5) np.clip(f,-0.5,0.5) np.clip(v,w,1) v.clip(0.3,0.5) np.clip(u,a_min=0.0,a_max=None)
np.select([u<-1,u<0,u<1],[u,u*2,0.0],default=7.0) np.select([v>0.5],[v]) np.nan_to_num(y) np.nan_to_num(y,nan=5.0,posinf=9.0,neginf=-9.0) np.less(v,w) np.greater_equal(v,w)
np.equal(i,2) np.not_equal(i,2) np.logical_and(b,v>0.5) np.logical_or(b,v) np.logical_not(b) np.logical_xor(b,v>0.5)
np.bitwise_and(i,1) np.bitwise_or(b,v>0.5) np.bitwise_xor(i,i) np.invert(i) np.invert(b) np.left_shift(i,2) np.right_shift(i,1)
np.real(z) np.imag(z) z.real z.imag v.real v.imag np.conj(z) z.conj() v.conjugate() np.angle(z) np.angle(h) np.isclose(v,w) np.isclose(y,y,equal_nan=True) np.allclose(v,v)
np.allclose(v,w) np.array_equal(v,v) np.array_equal(v,m) np.array_equal(v,w) np.signbit(u) np.isposinf(y) np.isneginf(y) np.isreal(z) np.iscomplex(z) np.iscomplexobj(z) np.isrealobj(v)
np.float64(n) np.float32(s) np.int64(t) np.float32(v) v.astype(np.float32) v.astype(float) i.astype("float64") u.astype(np.int64) v.astype(bool) f.astype(float) np.complex128(s) np.bool_(n)
np.add(1.0,2.0) np.sqrt(2.0)*f np.sqrt(2.0) np.maximum(1,2) np.float32(2.0)*s
"""

OPERATORS = """
v+w v-s s*v v/w u//s u%s v**2 v**w v**-1 n**2 n**-2 2**n 2.0**n s**t i+1 i/2 i*2.5 f*2 f+1.5 f/3 f*v f**2 f*n f/len(f) f.sum()/f.shape[0] m@v v@k m@k v@w c@d c@k
m@d -u +u ~i ~b b&(v>0.5) b|(v>0.5) i^3 i<<1 i>>1 i&1 v<w v<=0.5 v>w v>=w i==2 i!=2 s<t not(s>t) z*h h*s z/2 1/z abs(h) b+b b*v True+n n/2 7//n -7//n -7%n n==3
b.sum() operator.add(v,w) operator.sub(v,w) operator.mul(v,s) operator.truediv(v,w) operator.pow(v,2) operator.mod(u,s) operator.neg(v) operator.pos(v)
operator.matmul(m,k) operator.abs(u) operator.lt(s,t) operator.not_(s) operator.floordiv(t,s) operator.eq(n,3) operator.and_(i,1) operator.invert(i)
"""

MATH = """
math.sin(s) math.cos(s) math.tan(s) math.asin(s) math.acos(s) math.atan(s) math.sinh(s) math.cosh(s) math.tanh(s) math.asinh(s) math.acosh(t) math.atanh(s) math.exp(s)
math.exp2(s) math.expm1(s) math.log(s) math.log(t,3) math.log(8,2) math.log2(s) math.log10(s) math.log1p(s) math.sqrt(n) math.cbrt(s) math.erf(s) math.erfc(s) math.gamma(s) math.lgamma(s)
math.fabs(-s) math.fabs(-n) math.floor(t) math.ceil(t) math.trunc(-t) math.floor(n) math.isnan(s) math.isinf(s) math.isfinite(s) math.pow(s,t) math.pow(n,2) math.fmod(-t,s) math.atan2(s,t) math.hypot(s,t)
math.hypot(s,t,n) math.copysign(s,-t) math.degrees(s) math.radians(s) math.modf(t) math.ldexp(s,3) math.remainder(t,s) math.dist((s,t),(1.0,2.0)) math.prod((s,t,n)) math.prod([s,t],start=2) math.fsum([s,t]) math.fsum(v) math.isclose(s,s)
math.isclose(s,t) cmath.sin(h) cmath.exp(h) cmath.log(h) cmath.log(h,2) cmath.sqrt(h) cmath.sqrt(s) cmath.cosh(h) cmath.phase(h) cmath.polar(h) cmath.rect(s,t) cmath.log10(h) cmath.atanh(h)
"""

BUILTINS = """
abs(-s) abs(u) pow(s,t) pow(v,2) divmod(t,s) round(t) round(t,1) int(t) int(-t) float(n) float(s) bool(s) complex(s,t) complex(s) len(v) len(m) len((s,t,n)) min(s,t) max(s,t) max(s,t,2.5) min([s,t]) max(v) min(v)
sum(v) sum(m) sum((s,t)) sum([v,w]) sum([v,w],s) sum(v,1.0) any(b) all(b) any((s>t,t>s)) all([s>t,t>s]) sorted([t,s]) sorted([t,s,1.0],reverse=True) sum(b) int(b[0]) max(i) sum([])
"""

REDUCTIONS = """
np.sum(m) np.sum(m,axis=0) np.sum(m,axis=-1) np.sum(c,axis=(0,2)) np.sum(c,axis=(-1,0),keepdims=True) np.sum(m,keepdims=True) np.sum(i) np.sum(b) np.sum(f) np.sum(s) np.sum((s,t)) np.sum([v,w],axis=0)
m.sum() m.sum(0) m.sum(axis=1,keepdims=True) np.sum(i,dtype=np.float64) np.sum(v,initial=2.0) np.prod(v) np.prod(m,axis=0) m.prod(1) np.prod(i) np.mean(m) np.mean(m,axis=1) np.mean(c,axis=(0,1)) np.mean(i) np.mean(f) np.mean(s)
np.mean(m,axis=0,keepdims=True) m.mean() m.mean(0) np.mean([s,t]) np.mean(b) np.var(m) np.var(m,axis=0) np.var(m,axis=1,ddof=1) np.var(m,axis=1,keepdims=True) m.var() m.var(1) np.var(f) np.var(i) np.var(z) np.std(m) np.std(v,ddof=1) m.std(axis=-1) np.std(f)
np.max(m) np.max(m,axis=0) np.amax(v) np.min(m,axis=-1,keepdims=True) np.amin(m) m.max() m.min(1) np.max(c,axis=(0,2)) np.max(v,initial=0.8) np.max([s,t]) np.ptp(m) np.ptp(m,axis=0) np.any(b) np.all(b) np.any(m>0,axis=0) np.all(m,axis=1) b.any() b.all()
np.argmax(m) np.argmax(m,axis=1) np.argmin(m,axis=0) m.argmax() v.argmin() np.argmax(v) np.median(v) np.median(u) np.median(m) np.median(m,axis=0) np.median(m,axis=1,keepdims=True) np.median(m,keepdims=True) np.median(y) np.quantile(v,0.3) np.quantile(m,0.3,axis=1) np.percentile(u,30.0) np.quantile(v,v)
np.quantile(m,v,axis=0) np.average(v) np.average(m,axis=0) np.average(v,weights=w) np.average(m,axis=1,weights=w) np.average(m,weights=m+2) np.average(v,weights=w,returned=True) np.average(m,axis=0,weights=(s,t,1.0)) np.cumsum(v) np.cumsum(m) np.cumsum(m,axis=1) np.cumsum(i) np.cumsum(b) v.cumsum() np.cumprod(v) np.cumprod(m,axis=0) m.cumprod()
np.diff(v) np.diff(u,2) np.diff(m,axis=0) np.diff(m,n=2,axis=1) np.diff(m) np.trace(q) np.trace(m) np.trace(c) np.trace(m,offset=1) np.trace(c,axis1=1,axis2=2) q.trace() np.trapezoid(v) np.trapezoid(v,w) np.trapezoid(m,dx=0.5) np.trapezoid(m,axis=0) np.trapezoid(m,v)
np.count_nonzero(b) np.count_nonzero(i) np.count_nonzero(m>0,axis=1) np.nansum(y[:5]) np.nanmean(y[:5]) np.nanvar(y[:5]) np.nanstd(y[:5]) np.nanmax(y) np.nanmin(y) np.nanprod(y[:5]) np.nancumsum(y[:5]) np.nancumprod(y[:5]) np.nansum(m,axis=0) np.nanmean(m,axis=1) np.sort(u) np.sort(m,axis=0) np.sort(m) np.sort(m,axis=None) np.argsort(u) u.argsort()
np.argsort(m,axis=0) np.add.reduce(m) np.multiply.reduce(v) np.maximum.reduce(m,axis=1) np.add.accumulate(m) np.multiply.accumulate(v) np.size(m) np.size(m,0) m.size np.ndim(m) m.ndim np.shape(m) m.shape
"""

CREATION = """
np.array([s,t]) np.array([[s,t],[1.0,2.0]]) np.array([v,w]) np.array([[v,w],[w,v]]) np.array([1,2]) np.array([1,2.5]) np.array((s,n)) np.array(v) np.array([s,t],dtype=np.float32) np.array([]) np.array(i,dtype=float) np.array([v,[s,s,s,t]]) np.array(s)*2 np.array([n,2]) np.array([s,h]) np.array([f,f]) np.array([True,False])
np.asarray(v) np.asarray([s,t]) np.asarray(v,dtype=np.float32) np.ascontiguousarray(m.T) np.copy(m) m.copy() np.zeros(3) np.zeros((2,n)) np.zeros(n,dtype=int) np.ones((n,2)) np.ones(3,dtype=np.float32) np.ones(2,dtype=bool) np.zeros(()) np.zeros_like(m) np.ones_like(i) np.zeros_like(i,dtype=float) np.ones_like(s) np.zeros_like(v,shape=(2,2))
np.empty((2,2)).shape np.empty_like(m).shape np.full((2,n),s) np.full(n,2) np.full((2,4),v) np.full_like(v,s) np.full_like(i,2) np.full_like(f,s) np.full(3,True) np.full((2,),n,dtype=float) np.arange(5) np.arange(n) np.arange(1,n+4) np.arange(0,10,3) np.arange(5,0,-2) np.arange(0.0,1.0,0.25) np.arange(s,t,0.25) np.arange(3.0) np.arange(n,dtype=float) np.arange(3,dtype=np.float32)
np.linspace(s,t,5) np.linspace(0.0,1.0,n) np.linspace(0,1,5) np.linspace(s,t,num=4,endpoint=False) np.linspace(s,t,3,retstep=True) np.linspace(s,t,1) np.linspace(v,w,3) np.linspace(0,1) np.logspace(s,t,5) np.logspace(0,2,3,base=2.0) np.geomspace(s,t,5) np.eye(3) np.eye(n,2) np.eye(3,4,1) np.eye(3,k=-1) np.identity(n) np.tri(3) np.tri(3,4,-1)
np.diag(v) np.diag(m) np.diag(v,1) np.diag(v,-2) np.diag(m,1) np.diag(m,-1) np.diagflat(q) np.meshgrid(v,u) np.meshgrid(v,u,indexing="ij") np.meshgrid(v,u,w) np.meshgrid(v,u,sparse=True) np.indices((2,3)) np.ix_(i,i) np.vander(v) np.vander(v,3) np.vander(v,3,increasing=True) np.finfo(np.float64).eps*s np.finfo(v.dtype).tiny v.dtype.itemsize
"""

SHAPES = """
m.reshape(12) m.reshape(2,6) m.reshape((2,-1)) m.reshape(-1) np.reshape(m,(4,3)) np.reshape(m.T,(2,6)) m.T.reshape(-1) c.reshape(2,-1) np.reshape(s,(1,1)) m[:,1:].reshape(-1) np.ravel(m) m.ravel() m.T.ravel() m.flatten() m.T.flatten() np.ravel(s) m.T c.T v.T np.transpose(c) np.transpose(c,(1,0,2)) c.transpose(2,0,1) c.transpose((0,2,1)) c.transpose()
np.permute_dims(m) np.swapaxes(c,0,2) c.swapaxes(-1,1) np.moveaxis(c,0,-1) np.moveaxis(c,(0,1),(-1,0)) np.rollaxis(c,2) np.rollaxis(c,0,3) np.expand_dims(v,0) np.expand_dims(v,-1) np.expand_dims(m,(0,2)) np.expand_dims(s,0) np.squeeze(v[None,:],0) np.squeeze(v[None,:,None],(0,2)) v[:,None].squeeze(axis=1) np.squeeze(np.ones((1,3,1))) np.atleast_1d(s) np.atleast_1d(v) np.atleast_2d(v) np.atleast_2d(s) np.atleast_3d(m) np.atleast_3d(v)
np.flip(v) np.flip(m) np.flip(m,0) np.flip(c,(0,2)) np.fliplr(m) np.flipud(m) np.roll(v,1) np.roll(v,-2) np.roll(m,1) np.roll(m,1,axis=0) np.roll(m,n,axis=1) np.roll(m,(1,2),axis=(0,1)) np.rot90(m) np.rot90(m,2) np.rot90(m,3) np.rot90(m,-1) np.rot90(c,1,(1,2)) np.broadcast_to(v,(3,4)) np.broadcast_to(s,(2,)) np.broadcast_arrays(v,m[:,:1])
np.reshape(s,-1) np.dot(a=m,b=k) np.repeat(v,2) np.repeat(m,2) np.repeat(m,2,axis=1) np.repeat(m,n,axis=0) v.repeat(3) np.repeat(s,3) np.tile(v,2) np.tile(v,(2,2)) np.tile(m,2) np.tile(m,(2,1)) np.tile(m,(2,1,1)) np.tile(c,(2,)) np.tile(s,3) np.tile(v,n) np.tril(q) np.triu(q) np.tril(m,1) np.triu(m,-1) np.tril(c) np.diagonal(m) np.diagonal(m,1) m.diagonal() np.diagonal(c) np.diagonal(c,0,1,2) np.diagonal(m,5)
"""

JOINING = """
np.concatenate((v,w)) np.concatenate([m,m]) np.concatenate((m,q),axis=1) np.concatenate((m,q),axis=-1) np.concatenate((m,q),axis=None) np.concatenate((v,i)) np.concatenate((f,f)) np.concatenate((f,v)) np.concatenate(m) np.concatenate(c,axis=1) np.concatenate(([s],v,[t])) np.concat((v,w)) np.stack((v,w)) np.stack((v,w),axis=1) np.stack([m,m],axis=-1) np.stack([s,t]) np.stack(m) np.stack(m,axis=1)
np.vstack((v,w)) np.vstack((m,v)) np.vstack([s,t]) np.vstack(m) np.hstack((v,w)) np.hstack((m,q)) np.hstack((s,v)) np.hstack(m) np.column_stack((v,w)) np.column_stack((k,v)) np.dstack((v,w)) np.dstack((m,m)) np.append(v,w) np.append(v,s) np.append(m,m,axis=0) np.append(m,v) np.split(v,2) np.split(v,[1,3]) np.split(m,2,axis=1) np.array_split(u,3) np.array_split(u,2) np.array_split(m,[1],1) np.vsplit(k,2) np.hsplit(v,2) np.hsplit(m,2) np.dsplit(c,2) np.unstack(np.ones((2,3)))
np.pad(v,1) np.pad(v,(1,2)) np.pad(m,((1,0),(0,2))) np.pad(m,1,constant_values=s) np.pad(v,2,mode="edge") np.pad(v,(2,3),mode="reflect") np.pad(v,(1,3),mode="symmetric") np.pad(v,5,mode="wrap") np.pad(m,((1,2),(3,0)),mode="edge") np.pad(m,((1,1),),mode="reflect") np.pad(v,n) np.pad(m,(1,2)) np.pad(v,9,mode="reflect") np.take(v,i) np.take(m,[0,2],axis=0) np.take(m,i,axis=1) np.take(m,5) np.take(m,1,axis=0) v.take(j) np.take(m,j)
np.take_along_axis(m,np.argsort(m,axis=1),axis=1) np.take_along_axis(m,np.argsort(m,axis=0),axis=0) np.take_along_axis(v,i,0) np.searchsorted(np.sort(u),s) np.searchsorted(np.sort(u),v) np.searchsorted(np.sort(u),v,side="right") np.digitize(v,np.array([0.2,0.5])) np.flatnonzero(b) np.nonzero(b) np.nonzero(m>0) np.nonzero(c>0) np.argwhere(m>0) np.bincount(i) np.bincount(i,v) np.bincount(i,minlength=6) np.extract(v>0.5,v) np.ediff1d(v) np.ediff1d(m) np.gradient(v) np.gradient(v,0.5) np.gradient(v,np.array([0.0,1.0,3.0,4.0]))
"""

LINALG = """
np.dot(m,k) np.dot(m,v) np.dot(v,w) np.dot(v,s) np.dot(s,t) np.dot(c,v) np.dot(c,d) np.dot(m,d) m.dot(k) np.matmul(c,d) np.matmul(c,k) np.matmul(v,d) np.inner(v,w) np.inner(m,m) np.inner(m,v) np.inner(c,m) np.inner(s,v) np.vdot(v,w) np.vdot(m,m) np.vdot(z,z) np.vecdot(m,v) np.outer(v,u) np.outer(m,v) np.outer(s,v) np.multiply.outer(v,u) np.add.outer(v,m) np.subtract.outer(u,v) np.tensordot(c,k,1) np.tensordot(m,m) np.tensordot(c,d,axes=([1,2],[2,1])) np.tensordot(c,m,axes=(2,1)) np.tensordot(v,w,0) np.tensordot(c,v,axes=([2],[0]))
np.linalg.solve(q,v[:3]) np.linalg.solve(q,e) np.linalg.inv(q) np.linalg.det(q) np.linalg.slogdet(q) np.linalg.cholesky(p) np.linalg.matrix_power(q,3) np.linalg.matrix_power(q,-2) np.linalg.matrix_power(q,0) np.linalg.matrix_power(q,5) np.linalg.multi_dot([m,k,q]) np.kron(m,q) np.kron(v,w) np.kron(m,v) np.kron(s,v) np.cross(q,q[::-1]) np.cross(q[0],q[1]) np.cross(q,q[0]) np.cov(m) np.cov(v,w) np.cov(m,bias=True) np.cov(v) np.cov(m,rowvar=False) np.corrcoef(m)
np.linalg.norm(v) np.linalg.norm(m) np.linalg.norm(m,axis=0) np.linalg.norm(m,axis=1,keepdims=True) np.linalg.norm(v,1) np.linalg.norm(v,np.inf) np.linalg.norm(v,-np.inf) np.linalg.norm(v,3) np.linalg.norm(v,0) np.linalg.norm(m,"fro") np.linalg.norm(m,1) np.linalg.norm(m,np.inf) np.linalg.norm(m,axis=(0,1)) np.linalg.norm(c,axis=(1,2)) np.linalg.norm(m,1,axis=0) np.linalg.norm(m,ord=2,axis=1) np.linalg.norm(z) np.linalg.norm(i) np.linalg.norm(v*0.0) np.linalg.norm(f) np.linalg.norm(m,keepdims=True) np.linalg.norm(c,1,axis=(0,2),keepdims=True) np.linalg.norm(m,np.inf,axis=-1)
np.einsum("ij,jk->ik",m,k) np.einsum("ij,jk",m,k) np.einsum("ii",q) np.einsum("ii->i",q) np.einsum("ij->ji",m) np.einsum("ij->",m) np.einsum("ij->j",m) np.einsum("i,i",v,w) np.einsum("i,j->ij",v,u) np.einsum("i,i->i",v,w) np.einsum("ij,j->i",m,v) np.einsum("bij,bjk->bik",c,d) np.einsum("bij,bij->b",c,c) np.einsum("bij,bkj->bik",c,c) np.einsum("bij,jk->bik",c,k) np.einsum("ij,jk,kl->il",m,k,q) np.einsum("...ij,jk->...ik",c,k) np.einsum("...i,...i->...",c,m) np.einsum("ijk,ijk->",c,c) np.einsum("ijk,kj->i",c,k) np.einsum("ij,ij->ij",m,m) np.einsum("i,ij,j->",v[:3],m,w) np.einsum("ij,kj->ki",m,m) np.einsum("...ij->...ji",c) np.einsum("bi,bj->bij",e,q)
np.convolve(v,u) np.convolve(u,v,"same") np.convolve(v,u,mode="valid") np.convolve(u,v[:2],"same") np.convolve(u,v[:3],"same") np.correlate(u,v) np.correlate(v,u) np.correlate(u,v,"same") np.correlate(v,u,"same") np.correlate(v,u,"full") np.correlate(u,v[:3],"same") np.correlate(v[:3],u,"same") np.correlate(z,z,"full") np.interp(v,np.array([0.0,0.3,1.0]),u[:3]) np.interp(s,np.array([0.0,1.0]),np.array([s,t])) np.interp(u,np.array([0.0,0.3,1.0]),u[:3]) np.interp(u,np.array([0.0,0.3,1.0]),u[:3],left=9.0,right=-9.0) np.interp([0.3],np.array([0.0,0.3,1.0]),u[:3])
np.polyval(v,s) np.polyval(v,u) np.polyval([1.0,s,t],2.0) np.polynomial.polynomial.polyval(0.3,v) np.polynomial.polynomial.polyval(u,v)
"""

SPECIAL = """
scipy.special.erf(u) scipy.special.erfc(s) scipy.special.expit(u) scipy.special.expit(-800.0) scipy.special.expit(800*u) scipy.special.expit(f) scipy.special.log_expit(u*100) scipy.special.logit(v) scipy.special.logsumexp(u) scipy.special.logsumexp(m,axis=0) scipy.special.logsumexp(m*1000,axis=1,keepdims=True) scipy.special.logsumexp(m,axis=1,b=m+2) scipy.special.logsumexp(np.array([-np.inf,-np.inf])) scipy.special.logsumexp([s,t])
scipy.special.softmax(v) scipy.special.softmax(m,axis=-1) scipy.special.softmax(1000*u) scipy.special.log_softmax(m,axis=1) scipy.special.log_softmax(u) scipy.special.gammaln(v) scipy.special.gamma(s) scipy.special.digamma(v) scipy.special.psi(s) scipy.special.xlogy(v,w) scipy.special.xlogy(0.0,0.0) scipy.special.xlogy(i,2*v) scipy.special.xlog1py(v,w) scipy.special.entr(u) scipy.special.rel_entr(v,w) scipy.special.kl_div(v,w) scipy.special.ndtr(u) scipy.special.beta(v,w) scipy.special.betaln(s,t)
scipy.special.huber(0.5,u) scipy.special.exp10(u) scipy.special.rgamma(v) scipy.special.log1p(v) scipy.special.expm1(v) scipy.special.cbrt(u) scipy.special.exp2(u)
"""

CASES = {
    name.lower(): cases
    for name, cases in {
        "elementwise": ELEMENTWISE, "operators": OPERATORS, "math": MATH, "builtins": BUILTINS, "reductions": REDUCTIONS,
        "creation": CREATION, "shapes": SHAPES, "joining": JOINING, "linalg": LINALG, "special": SPECIAL,
    }.items()
}  # fmt: skip
